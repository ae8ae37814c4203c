import type { DeadLetter } from '#app/jobs/queries/dead_letters_query'
import type { LaneDepth } from '#app/jobs/queries/lanes_query'
import type { KindDepth, RetryingJob, RunningJob } from '#app/jobs/queries/queue_query'
import { columns, spanText, timeText } from './columns.js'

export interface QueueState {
  at: Date
  kinds: KindDepth[]
  lanes: LaneDepth[]
  running: RunningJob[]
  retrying: RetryingJob[]
  dead: DeadLetter[]
}

/** The queue for a terminal: what is open, where it waits, who has it, and what went wrong. */
export function queueText({ at, kinds, lanes, running, retrying, dead }: QueueState): string {
  const age = (since: Date | null) => (since ? spanText(at.getTime() - since.getTime()) : '–')
  const until = (due: Date) =>
    due > at ? `in ${spanText(due.getTime() - at.getTime())}` : `${age(due)} ago`
  const parts = [
    table(
      'Open work',
      'Nothing waits, and nothing runs.',
      ['kind', 'provider', 'waiting', 'later', 'running', 'oldest'],
      kinds.map((one) => [
        one.kind,
        one.provider || '–',
        one.waiting,
        one.later,
        one.running,
        age(one.oldestDueAt),
      ])
    ),
    table(
      'Lanes',
      null,
      ['organisation', 'kind', 'provider', 'waiting', 'running', 'oldest', 'served'],
      lanes.map((one) => [
        one.accountId,
        one.kind,
        one.provider || '–',
        one.waiting,
        one.running,
        age(one.oldestDueAt),
        age(one.servedAt),
      ])
    ),
    table(
      'Running',
      null,
      ['job', 'kind', 'provider', 'attempt', 'for', 'done', 'lease', 'worker'],
      running.map((job) => [
        job.id,
        job.kind,
        job.provider || '–',
        `${job.attempt}/${job.maxAttempts}`,
        age(job.begunAt),
        `${Math.round(job.progress * 100)} %`,
        job.worker ? until(job.leaseUntil) : 'parked',
        job.worker ?? '–',
      ])
    ),
    table(
      'To be tried again',
      null,
      ['job', 'kind', 'provider', 'attempt', 'due', 'because'],
      retrying.map((job) => [
        job.id,
        job.kind,
        job.provider || '–',
        `${job.attempt}/${job.maxAttempts}`,
        until(job.dueAt),
        reasonOf(job.error),
      ])
    ),
    table(
      'Dead letters',
      'No dead letters.',
      ['job', 'kind', 'provider', 'ended', 'attempt', 'because'],
      dead.map((letter) => [
        letter.id,
        letter.kind,
        letter.provider || '–',
        timeText(letter.finishedAt),
        letter.attempt,
        reasonOf(letter.error),
      ])
    ),
  ]
  return parts.filter((part) => part !== null).join('\n\n')
}

function table(title: string, empty: string | null, head: string[], rows: (string | number)[][]) {
  if (rows.length === 0) return empty
  return `${title}\n${columns(head, rows)}`
}

function reasonOf(error: { class?: string; message?: string } | null): string {
  return [error?.class, error?.message].filter(Boolean).join(': ') || '–'
}
