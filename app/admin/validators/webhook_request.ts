export interface WebhookForm {
  organisation: string
  url: string
  events: string[]
  description: string
}

/** What was typed. Whether it is right, the room says. */
export function readWebhookForm(body: Record<string, unknown>): WebhookForm {
  const text = (value: unknown, longest: number) =>
    (typeof value === 'string' ? value : '').replaceAll('\0', '').trim().slice(0, longest)
  const events = [body.events ?? []].flat().map(String)
  return {
    organisation: text(body.organisation, 100),
    url: text(body.url, 4096),
    // Nothing ticked means that nothing is left out.
    events: events.length > 0 ? [...new Set(events)] : ['*'],
    description: text(body.description, 500),
  }
}

/** The span of a replay, in the words of the form; `null` where it is none. */
export function readReplaySpan(body: Record<string, unknown>) {
  const from = instant(body.from)
  const to = body.to ? instant(body.to) : new Date()
  return from && to && from < to ? { from, to } : null
}

/** As a field of date and time sends it, in UTC. */
function instant(value: unknown): Date | null {
  const text = String(value ?? '')
  if (!/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?$/.test(text)) return null
  const date = new Date(`${text}Z`)
  return Number.isNaN(date.getTime()) ? null : date
}
