export type Failure =
  'transient' | 'rate' | 'moderation' | 'output' | 'provider' | 'lost' | 'unknown'

/** What a prompt asks the sandbox to do besides drawing. */
export interface Directives {
  failure: Failure | null
  /** How many first attempts `fail:transient` spoils. */
  failingAttempts: number
  /** How long the work pretends to take, in milliseconds. */
  slowMs: number
  /** How many outputs are delivered at most. */
  deliver: number
  /** What is measured, as a part of what was priced: 1.5 for half as much again. */
  measured: number
}

const FAILURE = /\bfail:(transient|rate|moderation|output|provider|lost|unknown)(?::(\d{1,2}))?\b/
const SLOW = /\bslow:(\d{1,6})(ms|s)\b/
const PARTIAL = /\bpartial:(\d)\/\d\b/
const COST = /\bcost:([+-]\d{1,3})%/

/** The first directive of each kind counts. */
export function readDirectives(prompt: string): Directives {
  const failure = FAILURE.exec(prompt)
  const slow = SLOW.exec(prompt)
  const partial = PARTIAL.exec(prompt)
  const cost = COST.exec(prompt)
  return {
    failure: (failure?.[1] as Failure | undefined) ?? null,
    failingAttempts: Number(failure?.[2] ?? 1),
    slowMs: slow ? Number(slow[1]) * (slow[2] === 's' ? 1000 : 1) : 0,
    deliver: partial ? Number(partial[1]) : Number.POSITIVE_INFINITY,
    measured: cost ? Math.max(0, 1 + Number(cost[1]) / 100) : 1,
  }
}
