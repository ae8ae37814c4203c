const form = document.querySelector('[data-trial]')
const figure = document.querySelector('[data-price-figure]')
const note = document.querySelector('[data-price-note]')
const PAUSE_MS = 350

/** Fields somebody has been at: only these are told what is wrong with them. */
const touched = new Set()
let timer
let asking

form.addEventListener('input', ({ target }) => {
  // A half-typed address would be fetched. It is priced once it is whole.
  if (!target.matches('[data-reference], [data-upload]')) askSoon(PAUSE_MS)
})
form.addEventListener('change', ({ target }) => {
  touched.add(fieldOf(target)?.dataset.field)
  if (!target.matches('[data-upload]')) askSoon(0)
})
document.querySelector('#organisation').addEventListener('change', () => askSoon(0))

function askSoon(ms) {
  clearTimeout(timer)
  timer = setTimeout(ask, ms)
}

async function ask() {
  asking?.abort()
  asking = new AbortController()
  try {
    const response = await fetch('/admin/prices', {
      method: 'POST',
      headers: { Accept: 'application/json' },
      body: new URLSearchParams(new FormData(form)),
      signal: asking.signal,
    })
    if (response.redirected) location.reload()
    else show(await response.json())
  } catch (error) {
    if (error.name !== 'AbortError')
      tell('–', 'The price could not be asked for. Check the connection.')
  }
}

function show({ credits, available, enough, problem }) {
  for (const field of form.querySelectorAll('[data-field]')) setError(field, null)
  if (!problem) {
    tell(
      credits,
      enough ? `credits of ${available} available` : `credits, but only ${available} are available`
    )
    return
  }
  tell('–', problem.missing ? 'Fill in the form to see the price.' : problem.message)
  const field = problem.field && form.querySelector(`[data-field="${CSS.escape(problem.field)}"]`)
  if (field && touched.has(problem.field)) setError(field, problem.message)
}

function tell(price, words) {
  figure.textContent = price
  note.textContent = words
}

function setError(field, message) {
  const place = field.querySelector('[data-error]')
  place.textContent = message ?? ''
  place.hidden = !message
  const input = field.querySelector('[name]')
  if (message) input.setAttribute('aria-invalid', 'true')
  else input.removeAttribute('aria-invalid')
}

function fieldOf(element) {
  return element.closest('[data-field]')
}

// Files go up as soon as they are chosen, so that their size is in the price.
for (const upload of form.querySelectorAll('[data-upload]')) {
  const field = fieldOf(upload)
  const reference = field.querySelector('[data-reference]')
  const preview = field.querySelector('[data-preview]')
  upload.hidden = false
  upload.addEventListener('change', async () => {
    const [file] = upload.files
    if (!file) return
    touched.add(field.dataset.field)
    setError(field, null)
    tell('…', 'Uploading the file')
    try {
      const { id, thumbnail } = await send(file)
      reference.value = id
      showPreview(preview, thumbnail)
      askSoon(0)
    } catch (error) {
      upload.value = ''
      setError(field, error.message)
      tell('–', 'Fill in the form to see the price.')
    }
  })
  const known = reference.value.startsWith('ast_') ? reference.value : null
  if (known) showPreview(preview, `/admin/thumbnails/${organisation()}/${known}`)
}

async function send(file) {
  const response = await fetch(
    `/admin/uploads?organisation=${encodeURIComponent(organisation())}`,
    {
      method: 'POST',
      headers: {
        'Accept': 'application/json',
        'Content-Type': file.type || 'application/octet-stream',
        'X-CSRF-Token': form.elements._csrf.value,
      },
      body: file,
    }
  )
  const answer = await response.json()
  if (!response.ok) throw new Error(answer.message ?? answer.error?.message ?? 'The upload failed.')
  return answer
}

function showPreview(place, address) {
  const picture = new Image()
  picture.alt = 'The chosen file'
  picture.addEventListener('load', () => place.replaceChildren(picture))
  picture.src = address
}

function organisation() {
  return document.querySelector('#organisation').value
}

// One press, one generation; the button says that it was heard.
form.addEventListener('submit', () => {
  for (const button of document.querySelectorAll('[type=submit][form=trial]')) {
    button.setAttribute('aria-disabled', 'true')
    button.textContent = 'Starting …'
  }
})
addEventListener('pageshow', ({ persisted }) => {
  if (persisted) location.reload()
})

form.querySelector('[aria-invalid=true]')?.focus()
