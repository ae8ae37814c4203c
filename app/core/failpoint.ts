/**
 * Moments between two lasting steps, at which a process may die. Each is named on every path that comes
 * to it, by `failpoint(name)`, so that the proofs can end a process there and see that nothing is lost.
 */
export const FAILPOINTS = [
  'before-hold',
  'after-hold',
  'before-answer',
  'after-claim',
  'before-submit',
  'after-submit',
  'after-hand-off',
  'before-store',
  'during-store',
  'after-store',
  'after-settle',
  'after-outcome',
  'before-retry',
  'after-retry',
  'before-fail',
  'after-requeue',
  'before-task',
  'after-task',
  'after-push',
  'between-starts',
] as const

/** Those that are only come to where jobs are pushed. */
export const PUSHED_FAILPOINTS = ['before-task', 'after-task', 'after-push'] as const

export type Failpoint = (typeof FAILPOINTS)[number]

let die: ((name: Failpoint) => void) | null = null

/** Passes, unless a proof has armed it. Nothing in the application can. */
export function failpoint(name: Failpoint) {
  die?.(name)
}

/** For proofs: `what` is called at every failpoint of this process from now on. */
export function armFailpoints(what: (name: Failpoint) => void) {
  die = what
}
