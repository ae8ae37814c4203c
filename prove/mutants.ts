import { CONCURRENCY } from './mutants/concurrency.js'
import { DELIVERIES } from './mutants/deliveries.js'
import { LEDGER } from './mutants/ledger.js'
import { LIMITS } from './mutants/limits.js'
import type { Mutant } from './proof.js'

/**
 * What is taken out of the ledger, one at a time, each with the proof that must miss it. A function
 * that is written anew needs its texts anew here: one that is not found exactly once is an error,
 * so that no mutant is lost in silence.
 */
export const MUTANTS: Mutant[] = [...CONCURRENCY, ...DELIVERIES, ...LEDGER, ...LIMITS]
