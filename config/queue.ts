import type { ClaimLimits } from '#core/queue/claim_limits'

/**
 * What may run at once, in all processes together. A number here comes before the one that a
 * handler declares. How many one process works on is in `config/worker.ts`.
 */
export default {
  /** By kind of job: `{ generation: 200 }`. */
  kinds: {},
  /** By kind of job, of one organisation: `{ generation: 20 }`. */
  accounts: {},
  /** By provider: `{ bfl: 24 }`, as many as the vendor lets this installation have. */
  providers: {},
} satisfies ClaimLimits
