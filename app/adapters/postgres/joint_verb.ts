import pg from 'pg'
import { JointCall } from './joint_call.js'

/** Of a call that is to be asked again: somebody else has its account, and nobody was to wait for it. */
export type Busy = { outcome: 'busy' }

export interface JointVerbParts<Call, Answer> {
  accountOf(call: Call): string
  /**
   * One round trip and one transaction for all, answered in their order. With patience it waits for
   * what others have locked, and all are of one account; a call that is patient and alone is never busy.
   */
  ask(calls: Call[], patient: boolean): Promise<(Answer | Busy)[]>
}

/** The Postgres error codes after which nobody knows what became of the transaction. */
const CUT_OFF = /^57P/

/** Whether the database refused a call, so that nothing of it was written. */
export function isUndone(error: unknown): boolean {
  return error instanceof pg.DatabaseError && !CUT_OFF.test(error.code ?? '')
}

/**
 * Calls of one moment in one round trip and one transaction: together they cost a third of what each
 * does alone. What that could not answer, because somebody else had the account or another of the trip took it
 * down, is asked again, first with the others of its account and then alone. No trip waits for
 * that, and no answer tells of it.
 */
export class JointVerb<Call, Answer extends { outcome: string }> {
  readonly #trips: JointCall<Call, Answer | Promise<Answer>>

  constructor(private readonly parts: JointVerbParts<Call, Answer>) {
    this.#trips = new JointCall(
      (calls) => this.#askEach(calls, { patient: false }),
      (call) => parts.accountOf(call)
    )
  }

  async call(call: Call): Promise<Answer> {
    return this.#trips.call(call)
  }

  async #askEach(
    calls: Call[],
    { patient }: { patient: boolean }
  ): Promise<(Answer | Promise<Answer>)[]> {
    const answers = await this.#ask(calls, patient)
    const busy = calls.filter((_, n) => answers[n].outcome === 'busy')
    if (busy.length === 0) return answers as Answer[]

    const again = patient ? this.#oneByOne(busy) : this.#byAccount(busy)
    // Whoever waits hears of a failure; until they are told to wait, nobody does.
    for (const answer of again.values()) answer.catch(() => {})
    return calls.map((call, n) => again.get(call) ?? (answers[n] as Answer))
  }

  #byAccount(calls: Call[]): Map<Call, Promise<Answer>> {
    const again = new Map<Call, Promise<Answer>>()
    for (const company of Map.groupBy(calls, this.parts.accountOf).values()) {
      const trip = this.#askEach(company, { patient: true })
      company.forEach((call, seat) =>
        again.set(
          call,
          trip.then((answers) => answers[seat])
        )
      )
    }
    return again
  }

  /** In their order: they would wait for the same account all the same. */
  #oneByOne(calls: Call[]): Map<Call, Promise<Answer>> {
    const again = new Map<Call, Promise<Answer>>()
    let before: Promise<unknown> = Promise.resolve()
    for (const call of calls) {
      const trip = before.then(() => this.#askEach([call], { patient: true }))
      before = trip.catch(() => {})
      again.set(
        call,
        trip.then(([answer]) => answer)
      )
    }
    return again
  }

  /** All busy where the database refused them together: nothing was written. */
  async #ask(calls: Call[], patient: boolean): Promise<(Answer | Busy)[]> {
    try {
      return await this.parts.ask(calls, patient)
    } catch (error) {
      if (calls.length === 1 || !isUndone(error)) throw error
      return calls.map(() => ({ outcome: 'busy' }))
    }
  }
}
