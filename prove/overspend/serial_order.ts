import type { Sql } from '#adapters/postgres/sql'
import type { Lease } from '../model/oracle/jobs.js'
import type { Rule } from '../model/oracle/limits.js'
import { Oracle } from '../model/oracle/oracle.js'
import { difference, linesIn, linesOf } from '../model/state.js'
import { startRequestOf } from '../model/verbs/generations.js'
import { startAnswerTexts } from '../model/verbs/texts.js'
import { accountOf } from '../model/verbs/verb.js'
import type { Micros } from '../model/windows.js'
import { Broken } from '../proof.js'
import { isOverBudget } from './budget.js'
import type { Answered, Call } from './calls.js'

type Start = Extract<Call, { verb: 'start' }>
type Grant = Extract<Call, { verb: 'grant' }>

/** What every account had when the calls began. */
export interface Opening {
  account: string
  zone: string
  rules: Rule[]
}

/** Something that was written, at the moment that the account's lock gave it. */
type Event =
  | { what: 'grant'; at: Micros; call: Grant; id: string }
  | { what: 'start'; at: Micros; call: Start; slices: string }
  | {
      what: 'end'
      at: Micros
      job: string
      finish?: { call: Extract<Call, { verb: 'work' }>; cost: bigint }
    }

/**
 * Finds an order in which the calls could have been made one after the other: what was written
 * goes by the moments in the rows, and an answer that wrote nothing must be right at some moment
 * between its being sent and heard. The oracle must accept what was accepted, slice by slice, and
 * be left with what the database is left with.
 */
export async function fitSerialOrder(sql: Sql, openings: Opening[], log: Answered[]) {
  const wrong = log.find(({ answer }) => answer.startsWith('threw') || answer.startsWith('stale'))
  if (wrong) throw new Broken(`${JSON.stringify(wrong.call)} ${wrong.answer}`)
  const events = await eventsOf(sql, log)
  const oracle = new Oracle()
  for (const { account, zone, rules } of openings) {
    oracle.open(account, zone)
    oracle.of(account).limits.rules = rules
    const silent = log.filter(
      ({ call, answer }) =>
        call.verb === 'start' &&
        call.account === account &&
        !answer.startsWith('started') &&
        !isOverBudget(answer)
    )
    retell(oracle, account, events.get(account) ?? [], silent)
  }
  const [actual, expected] = [
    await linesIn(sql, { times: false }),
    linesOf(oracle, { times: false }),
  ]
  // Who claimed what when is the business of `deliveries`.
  const ofLedger = (line: string) => !/^\S+ job /.test(line)
  const different = difference(actual.filter(ofLedger), expected.filter(ofLedger))
  if (different) throw new Broken(`what is kept differs from the serial order:\n${different}`)
}

function retell(oracle: Oracle, account: string, events: Event[], silent: Answered[]) {
  const coming = silent.toSorted((a, b) => a.sent - b.sent)
  // Those that were sent by the moment at hand and are not explained yet.
  const open = new Set<Answered>()
  for (let next = 0; next <= events.length; next++) {
    const from = next === 0 ? -Infinity : events[next - 1].at
    const until = next === events.length ? Infinity : events[next].at
    // The next event's moment is taken under the lock, but its effect is seen later.
    while (coming.length > 0 && coming[0].sent <= until + 1) open.add(coming.shift()!)
    for (const one of open) {
      if (one.heard < from) throw unexplained(one)
      if (fits(oracle, one, { from, until })) open.delete(one)
    }
    if (next === events.length) break
    preferFitting(oracle, events, next)
    accept(oracle, account, events[next])
  }
  for (const one of open) throw unexplained(one)
}

function unexplained({ call, sent, heard, answer }: Answered): Broken {
  return new Broken(
    `no serial order gives this answer: ${JSON.stringify(call)} answered ${answer} (sent ${sent}, heard ${heard})`
  )
}

/** Whether the answer is right at some moment of this gap, in which nothing is written. */
function fits(
  oracle: Oracle,
  { call, sent, heard, answer }: Answered,
  gap: { from: Micros; until: Micros }
) {
  const request = startRequestOf(call as Start, Infinity)
  for (const now of [Math.max(sent, gap.from), Math.min(heard, gap.until)]) {
    oracle.now = now
    const said = oracle.jobs.replay(request) ?? refusalOf(oracle, request)
    if (said && startAnswerTexts(said).includes(answer)) return true
  }
  return false
}

function refusalOf(oracle: Oracle, request: ReturnType<typeof startRequestOf>) {
  const judged = oracle.jobs.judge(request)
  return 'type' in judged ? ({ outcome: 'refused', refusal: judged } as const) : null
}

/** Of starts of one moment, the one whose slices the oracle would cut now goes first. */
function preferFitting(oracle: Oracle, events: Event[], next: number) {
  for (let n = next; n < events.length && events[n].at === events[next].at; n++) {
    const event = events[n]
    if (event.what !== 'start') break
    oracle.now = event.at
    const judged = oracle.jobs.judge(startRequestOf(event.call, Infinity))
    if ('type' in judged || slicesText(judged.slices) !== event.slices) continue
    ;[events[next], events[n]] = [events[n], events[next]]
    return
  }
}

function accept(oracle: Oracle, account: string, event: Event) {
  oracle.now = event.at
  if (event.what === 'grant') {
    const { ref, amount, priority } = event.call
    const grant = { kind: 'topup', amount: BigInt(amount), priority, expiresAt: null }
    oracle.grant(account, { ...grant, id: event.id, ref: `prove:${ref}` })
    return
  }
  if (event.what === 'start') {
    const said = oracle.jobs.start(startRequestOf(event.call, Infinity))
    if (said.outcome === 'started') return
    const [text] = startAnswerTexts(said)
    throw new Broken(`${JSON.stringify(event.call)} was started, but the oracle says ${text}`)
  }
  const { job, finish } = event
  if (!finish) {
    oracle.jobs.cancel(account, job)
    return
  }
  oracle.jobs.claim(account, job, Infinity)
  const lease: Lease = { account, id: job, token: oracle.jobs.of(account, job).token }
  const { state, delivered } = finish.call
  oracle.jobs.finish(lease, { state, cost: finish.cost, measures: { images: BigInt(delivered) } })
}

/** By account, in the order of their moments. */
async function eventsOf(sql: Sql, log: Answered[]): Promise<Map<string, Event[]>> {
  const micros = (column: string) => `(extract(epoch from ${column}) * 1000000)::bigint`
  const holds = await sql.rows<{
    id: string
    began: bigint
    ended: bigint | null
    slices: [string, string | number][]
  }>(
    `select id, ${micros('created_at')} as began, ${micros('resolved_at')} as ended, slices from holds`
  )
  const grants = await sql.rows<{ id: string; account_id: string; at: bigint }>(
    `select id, account_id, ${micros('created_at')} as at from grants`
  )
  const starts = new Map<string, Start>()
  const refills = new Map<string, Grant>()
  const finishes = new Map<string, { call: Extract<Call, { verb: 'work' }>; cost: bigint }>()
  for (const { call, answer } of log) {
    const [outcome, id, cost] = answer.split(' ')
    if (call.verb === 'grant' && outcome === 'granted') refills.set(id, call)
    if (call.verb === 'start' && outcome === 'started') {
      if (starts.has(id)) throw new Broken(`${id} was started twice`)
      starts.set(id, call)
    }
    if (call.verb === 'work' && outcome === 'finished') {
      if (finishes.has(id)) throw new Broken(`${id} was finished twice`)
      finishes.set(id, { call, cost: BigInt(cost) })
    }
  }
  if (holds.length !== starts.size) {
    throw new Broken(
      `${starts.size} starts were answered with a job, but there are ${holds.length} holds`
    )
  }

  const granted = (id: string) => {
    const call = refills.get(id)
    if (!call) throw new Broken(`grant ${id} stands, but nobody was told that it was granted`)
    return call
  }

  const events = new Map<string, Event[]>()
  const add = (account: string, event: Event) => {
    const known = events.get(account)
    if (known) known.push(event)
    else events.set(account, [event])
  }
  for (const { id, account_id: account, at } of grants) {
    add(account, { what: 'grant', at: Number(at), call: granted(id), id })
  }
  for (const { id, began, ended, slices } of holds) {
    const call = starts.get(id)
    if (!call) throw new Broken(`hold ${id} stands, but nobody was told that it was started`)
    const text = slicesText(slices.map(([grant, part]) => [grant, BigInt(part)]))
    add(accountOf(id), { what: 'start', at: Number(began), call, slices: text })
    if (ended !== null)
      add(accountOf(id), { what: 'end', at: Number(ended), job: id, finish: finishes.get(id) })
  }
  // Starts of one moment are of one trip, whose passengers were answered in their order.
  const turns = new Map([...starts.values()].map((call, turn): [Call, number] => [call, turn]))
  const turnOf = (event: Event) => (event.what === 'start' ? turns.get(event.call)! : 0)
  for (const list of events.values()) list.sort((a, b) => a.at - b.at || turnOf(a) - turnOf(b))
  return events
}

function slicesText(slices: [string, bigint][]): string {
  return slices.map(([grant, part]) => `${grant}:${part}`).join(' ')
}
