import type { Actor } from '../ledger/types.js'

/** How many overruns take a model off sale. */
export const OVERRUNS = 3

export interface Suspension {
  model: string
  since: Date
}

/**
 * Models that are off sale because they cost more than was held, again and again: their declared
 * price is wrong, and each call would be a loss. What was started before goes on.
 */
export abstract class Suspensions {
  /**
   * The suspension of a model, from memory: never a trip to the database. One that another process
   * wrote is seen after some seconds at most.
   */
  abstract of(model: string): Suspension | null

  /** A job of this model cost more than its hold. Suspends it where that is the third since it was lifted. */
  abstract overran(model: string): Promise<Suspension | null>

  /** Puts a model on sale again, and counts from here. `false` when it was on sale. */
  abstract lift(model: string, actor: Actor): Promise<boolean>
}
