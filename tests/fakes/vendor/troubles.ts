import type { VendorStep } from '#core/plugins/vendor_steps'

/**
 * What can go wrong with any vendor. The base does the first ones by itself, in the vendor's own
 * words; the others are for a vendor's fake to play, as far as its vendor knows them.
 *
 * - `rate`: refused, with a wait of two seconds
 * - `server`: it breaks, with 503
 * - `garbled`: its answer is no JSON
 * - `cut`: its answer ends in the middle
 * - `huge`: its answer has 200 MB
 * - `lost`: it does the work, and the answer is lost
 * - `expired`, `redirect`, `oversize`: of a file that it keeps: gone, moved to a private address, 2 GB
 */
export const TROUBLES = [
  ...['rate', 'server', 'garbled', 'cut', 'huge', 'lost', 'expired', 'redirect', 'oversize'],
  ...['moderation', 'withheld', 'failed', 'empty', 'partial', 'absurd'],
  ...['balance', 'auth', 'retired', 'concurrency', 'daily', 'invalid', 'throttled'],
] as const
export type Trouble = (typeof TROUBLES)[number]

/** Where it happens: at a step, or when a file is fetched. */
export type TroublePlace = VendorStep | 'file'

const TROUBLE = new RegExp(`\\bfail:(${TROUBLES.join('|')})\\b`)
const SLOW = /\bslow:(\d{1,6})(ms|s)\b/

/** What the words of a request ask for, so that it can be tried from the studio: `fail:moderation`, `slow:5s`. */
export function troubleIn(words: string): Trouble | null {
  return (TROUBLE.exec(words)?.[1] as Trouble | undefined) ?? null
}

/** How long the work pretends to take, in milliseconds. */
export function slowIn(words: string): number {
  const slow = SLOW.exec(words)
  return slow ? Number(slow[1]) * (slow[2] === 's' ? 1000 : 1) : 0
}
