import type { AccountPage, JobEvent, Place } from '#core/streams/streams'
import { sealPlace } from '#app/generations/event_cursor'

/** Large pages are written in pieces of about these characters, so that a reader can keep up. */
const PIECE = 16 * 1024

/** The id of one event, wherever it is told. */
export function eventId({ jobId, seq }: Pick<JobEvent, 'jobId' | 'seq'>): string {
  return `evt_${jobId.slice('job_'.length)}_${seq}`
}

/** The number of an event of this job, or `null` for an id that is none, or of another job. */
export function seqOf(id: string, jobId: string): number | null {
  const [, job, seq] = /^evt_([a-z0-9]{1,64})_(\d{1,9})$/.exec(id) ?? []
  return job === jobId.slice('job_'.length) ? Number(seq) : null
}

/** As a server-sent event of the generation's own stream, from which its id lets one go on. */
export const jobEventText = once((event) => textOf(event, eventId(event)))

/**
 * The events of a page that are asked for, as server-sent events of the account's stream, each
 * with its place as its id. In pieces, with the place behind each.
 */
export function* accountPageTexts(
  accountId: string,
  { events }: AccountPage,
  types: ReadonlySet<string> | null
): Iterable<{ text: string; place: Place }> {
  let text = ''
  for (const { event, kind, place } of events) {
    if (kind !== 'generation' || (types && !types.has(event.type))) continue
    text += accountEventText(event, () => sealPlace(accountId, place))
    if (text.length < PIECE) continue
    yield { text, place }
    text = ''
  }
  if (text) yield { text, place: events.at(-1)!.place }
}

/** Tells a client a place without an event. */
export function placeText(accountId: string, place: Place): string {
  return `id: ${sealPlace(accountId, place)}\n\n`
}

const accountEventText = once((event, id: () => string) => textOf(event, id()))

/** Thousands of followers share an event: it is put into words once. */
function once<Rest extends unknown[]>(words: (event: JobEvent, ...rest: Rest) => string) {
  const known = new WeakMap<JobEvent, string>()
  return (event: JobEvent, ...rest: Rest): string => {
    const text = known.get(event) ?? words(event, ...rest)
    known.set(event, text)
    return text
  }
}

function textOf(event: JobEvent, id: string): string {
  const data = JSON.stringify({
    ...event.data,
    id: eventId(event),
    generation: `gen_${event.jobId.slice('job_'.length)}`,
    seq: event.seq,
    type: event.type,
    created_at: event.createdAt,
  })
  return `id: ${id}\nevent: ${event.type}\ndata: ${data}\n\n`
}
