import { tellTimes } from './times.js'

tellTimes(document)
setInterval(() => tellTimes(document), 15_000)

// Colours: the system's, until somebody chooses.
const dark = matchMedia('(prefers-color-scheme: dark)')
for (const button of document.querySelectorAll('[data-theme-toggle]')) {
  const isDark = () =>
    (document.documentElement.dataset.theme ?? (dark.matches ? 'dark' : 'light')) === 'dark'
  const tell = () => {
    button.querySelector('span').textContent = isDark() ? 'Light colours' : 'Dark colours'
  }
  tell()
  dark.addEventListener('change', tell)
  button.hidden = false
  button.addEventListener('click', () => {
    const theme = isDark() ? 'light' : 'dark'
    document.documentElement.dataset.theme = theme
    try {
      localStorage.setItem('theme', theme)
    } catch {
      // Storage may be off; then the choice lasts as long as the page.
    }
    tell()
    document.dispatchEvent(new CustomEvent('theme'))
  })
}

for (const button of document.querySelectorAll('[data-copy]')) {
  button.addEventListener('click', async () => {
    const label = button.querySelector('span')
    try {
      await navigator.clipboard.writeText(button.dataset.copy)
      label.textContent = 'Copied'
    } catch {
      // Without https there is no clipboard: mark the text for the hand to copy.
      getSelection().selectAllChildren(document.querySelector('[data-copied]'))
      label.textContent = 'Press Ctrl + C'
    }
  })
}

// Forms that cannot be taken back ask once more. Delegated: live pages replace their forms.
document.addEventListener('submit', (event) => {
  const form = event.target
  if (!form.dataset.confirm || form.dataset.confirmed) return
  event.preventDefault()
  confirm(form)
})

function confirm(form) {
  const dialog = document.createElement('dialog')
  dialog.className = 'confirm'
  dialog.setAttribute('aria-labelledby', 'confirm-question')
  dialog.innerHTML = `<form method="dialog"><p id="confirm-question"></p>
    <div class="actions"><button class="button" value="no" autofocus>Keep it</button>
    <button class="button danger" value="yes"></button></div></form>`
  dialog.querySelector('p').textContent = form.dataset.confirm
  dialog.querySelector('[value=yes]').textContent = form.dataset.confirmButton
  document.body.append(dialog)
  dialog.addEventListener('close', () => {
    dialog.remove()
    if (dialog.returnValue !== 'yes') return
    form.dataset.confirmed = 'true'
    form.requestSubmit()
  })
  dialog.showModal()
}

// A page that was left and comes back by the back button must not send its form's reference again.
addEventListener('pageshow', (event) => {
  if (!event.persisted) return
  for (const input of document.querySelectorAll('input[name=reference]')) {
    input.value = uuid()
  }
})

/** `crypto.randomUUID` is missing where the page came without https. */
function uuid() {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

// Empty filters stay out of the address.
for (const form of document.querySelectorAll('[data-filters]')) {
  form.addEventListener('formdata', ({ formData }) => {
    for (const [name, value] of [...formData]) if (value === '') formData.delete(name)
  })
}
