import { Transmit } from '/vendor/transmit-client.js'
import { tellTimes } from './times.js'

const ENDS = ['succeeded', 'failed', 'canceled', 'expired']
/** Silence is looked into now and then: an announcement may get lost. */
const LOOK_AGAIN_MS = 10_000

const channel = document.querySelector('[data-channel]').dataset.channel
const broken = document.querySelector('[data-live-broken]')
const said = document.querySelector('[data-live-status]')

let ended = false
let refreshing = false
let again = false

const transmit = new Transmit({
  baseUrl: location.origin,
  uidGenerator: uuid,
  // As long as the page is open: a server that restarts is back sooner or later.
  maxReconnectAttempts: Number.POSITIVE_INFINITY,
  onSubscription: refresh,
  onSubscribeFailed: () => (broken.hidden = false),
})
transmit.on('connected', () => (broken.hidden = true))
transmit.on('disconnected', () => (broken.hidden = ended))

const subscription = transmit.subscription(channel)
subscription.onMessage(({ type, data }) => {
  if (type === 'progress') showProgress(JSON.parse(data).progress)
  refresh()
})
subscription.create()
const watch = setInterval(refresh, LOOK_AGAIN_MS)

function showProgress(fraction) {
  const percent = Math.round(fraction * 100)
  for (const bar of document.querySelectorAll('[data-progress]')) bar.value = percent
  for (const text of document.querySelectorAll('[data-progress-text]')) text.textContent = percent
}

/** Takes over what has changed of the page as the server tells it now. One at a time. */
async function refresh() {
  if (ended) return
  again = true
  if (refreshing) return
  refreshing = true
  while (again && !ended) {
    again = false
    await takeOver().then(
      () => (broken.hidden = true),
      () => (broken.hidden = false)
    )
  }
  refreshing = false
}

async function takeOver() {
  const response = await fetch(location.pathname, { headers: { Accept: 'text/html' } })
  if (!response.ok || response.redirected) throw new Error('the page could not be read')
  const page = new DOMParser().parseFromString(await response.text(), 'text/html')
  for (const fresh of page.querySelectorAll('[data-live]')) {
    const shown = document.querySelector(`[data-live="${fresh.dataset.live}"]`)
    if (shown.dataset.version === fresh.dataset.version) continue
    if (document.querySelector('dialog[open]') && fresh.dataset.live === 'head') continue
    shown.replaceWith(document.adoptNode(fresh))
  }
  document.title = page.title
  tellTimes(document)
  const status = document.querySelector('[data-live="facts"] .badge').textContent.trim()
  if (said.textContent !== status) said.textContent = status
  if (ENDS.includes(status)) end()
}

function end() {
  ended = true
  clearInterval(watch)
  subscription.delete()
  transmit.close()
  broken.hidden = true
}

/** `crypto.randomUUID` is missing where the page came without https. */
function uuid() {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  bytes[6] = (bytes[6] & 0x0f) | 0x40
  bytes[8] = (bytes[8] & 0x3f) | 0x80
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    hex.slice(12, 16),
    hex.slice(16, 20),
    hex.slice(20),
  ].join('-')
}
