import type { Mutant } from './proof.js'

export const MUTANTS: Mutant[] = []
