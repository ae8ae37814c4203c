import { Credits } from '#core/ledger/credits'
import { creditsText } from '#app/admin/format/amounts'
import { durationText } from '#app/admin/format/times'
import type { JobEventRow } from '#app/admin/queries/job_events_query'

export type Tone = 'plain' | 'work' | 'good' | 'bad' | 'warn' | 'money'

/** One line of a job's story, for people. */
export interface TimelineItem {
  seq: number
  title: string
  detail: string | null
  tone: Tone
  at: Date
  /** Since the first line. */
  after: string
}

type Words = Pick<TimelineItem, 'title' | 'tone'> & { detail?: string }

/** A job's events as people tell them. Of progress reports in a row, only the last is told. */
export function timelineOf(events: JobEventRow[]): TimelineItem[] {
  const told = events.filter(
    ({ type }, index) => type !== 'progress' || events[index + 1]?.type !== 'progress'
  )
  return told.map((event) => ({
    detail: null,
    ...wordsFor(event),
    seq: event.seq,
    at: event.createdAt,
    after: `+${durationText(Math.max(0, event.createdAt.getTime() - events[0].createdAt.getTime()))}`,
  }))
}

function wordsFor({ type, data }: JobEventRow): Words {
  switch (type) {
    case 'queued':
      return { title: 'Accepted', detail: `${amount(data.held)} credits held`, tone: 'money' }
    case 'waiting':
      return {
        title: 'Waits for a limit to have room',
        detail: `${data.measure} per ${data.window} of this ${String(data.scope).replace('_', ' ')}`,
        tone: 'warn',
      }
    case 'admitted':
      return { title: 'The limit has room', tone: 'plain' }
    case 'running':
      return { title: `Attempt ${data.attempt} began`, tone: 'work' }
    case 'submitted':
      return { title: 'Handed to the provider', tone: 'work' }
    case 'progress':
      return { title: `${Math.round(Number(data.progress) * 100)} % done`, tone: 'work' }
    case 'retrying':
      return {
        title: `Attempt ${data.attempt} did not work out`,
        detail: `${messageOf(data.error)} It is tried again.`,
        tone: 'warn',
      }
    case 'fell_back':
      return {
        title: 'Goes on with another model',
        detail: `${data.from} → ${data.to}`,
        tone: 'warn',
      }
    case 'lease_lost':
      return {
        title: 'The worker went silent',
        detail: 'Back in the queue for another',
        tone: 'warn',
      }
    case 'handed_back':
      return {
        title: 'The worker was stopped',
        detail: 'Back in the queue for another',
        tone: 'plain',
      }
    case 'cancel_requested':
      return { title: 'Somebody asked to cancel', tone: 'warn' }
    case 'price_doubted':
      return {
        title: 'The reported price was not believed',
        detail: `${String(data.reason).replaceAll('_', ' ')}: the declared price was taken`,
        tone: 'warn',
      }
    case 'settled':
      return {
        title: `${amount(data.charged)} credits charged`,
        detail: `${amount(data.returned)} returned`,
        tone: 'money',
      }
    case 'released':
      return {
        title: 'Nothing charged',
        detail: `${amount(data.returned)} credits returned`,
        tone: 'money',
      }
    case 'succeeded':
      return { title: 'Done', detail: `${data.delivered} delivered`, tone: 'good' }
    case 'failed':
      return { title: 'Failed', detail: messageOf(data.error), tone: 'bad' }
    case 'canceled':
      return { title: 'Canceled', tone: 'plain' }
    case 'expired':
      return { title: 'Ran out of time', detail: messageOf(data.error), tone: 'bad' }
    default:
      return { title: type, tone: 'plain' }
  }
}

function amount(text: unknown): string {
  return creditsText(Credits.parse(String(text ?? '0')))
}

function messageOf(error: unknown): string {
  return (error as { message?: string } | null)?.message ?? ''
}
