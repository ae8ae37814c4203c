import { Usd } from '#core/ledger/credits'
import type { Flight } from '#app/jobs/queries/flight_recorder'
import { columns, spanText, timeText } from './columns.js'

/** A job's whole story for a terminal. */
export function flightText({ job, generation, events, ...rest }: Flight): string {
  const { attempts, hold, entries, losses } = rest
  const began = job.createdAt.getTime()
  const facts: [string, string | null][] = [
    ['job', `${job.id} (${job.kind}), ${job.state}`],
    ['generation', generation && `${generation.id}, ${generation.model}`],
    ['organisation', job.accountId],
    ['trace', job.traceId],
    ['attempt', `${job.attempt} of ${job.maxAttempts}`],
    [
      'worker',
      job.worker && job.leaseUntil && `${job.worker}, lease until ${timeText(job.leaseUntil)}`,
    ],
    ['deadline', timeText(job.deadline)],
    ['took', job.finishedAt && spanText(job.finishedAt.getTime() - began)],
    ['error', job.error && [job.error.class, job.error.message].filter(Boolean).join(': ')],
    ['driven again as', job.redrivenAs],
    [
      'hold',
      hold && `${hold.amount} credits, ${hold.state}${hold.cost ? ` for ${hold.cost}` : ''}`,
    ],
  ]
  return [
    facts
      .filter(([, value]) => value)
      .map(([name, value]) => `${name.padEnd(16)}${value}`)
      .join('\n'),
    part(
      'Events',
      ['time', 'after', 'event', ''],
      events.map(({ at, type, data }) => [
        timeText(at),
        `+${spanText(Math.max(0, at.getTime() - began))}`,
        type,
        factsOf(data),
      ])
    ),
    part(
      'Attempts',
      ['n', 'model', 'status', 'error', 'took', 'price', 'vendor $', 'vendor’s id'],
      attempts.map((one) => [
        one.attempt,
        one.model,
        one.status,
        one.errorClass ?? '–',
        spanText(one.durationMs),
        String(one.price),
        String(one.vendorCost),
        one.providerRequestId ?? '–',
      ])
    ),
    part(
      'Ledger',
      ['seq', 'entry', 'credits', 'grant', 'balance after'],
      entries.map((one) => [
        String(one.seq),
        one.kind,
        String(one.amount),
        one.grantId ?? '–',
        String(one.balanceAfter),
      ])
    ),
    part(
      'Losses',
      ['attempt', 'kind', 'credits', 'vendor $', ''],
      losses.map((one) => [
        one.attempt,
        one.kind,
        String(one.price),
        String(Usd.fromMicro(one.vendorCostMicroUsd)),
        one.assumed ? 'assumed' : '',
      ])
    ),
  ]
    .filter((text) => text !== null)
    .join('\n\n')
}

function part(title: string, head: string[], rows: (string | number)[][]): string | null {
  return rows.length === 0 ? null : `${title}\n${columns(head, rows)}`
}

/** `held 0.04 · model sandbox/image`. */
function factsOf(data: Record<string, unknown>): string {
  return Object.entries(data)
    .map(([name, value]) => `${name} ${typeof value === 'object' ? JSON.stringify(value) : value}`)
    .join(' · ')
}
