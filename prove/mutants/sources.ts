/** The files that mutants are taken out of. */
export const ENTRIES = '10_ledger_entries.sql'
export const MOVES = '15_ledger_moves.sql'
export const GRANT = '20_ledger_grant.sql'
export const HOLD = '30_ledger_hold.sql'
export const GATES = '35_ledger_gates.sql'
export const BUDGETS = '37_budgets.sql'
export const RESOLVE = '40_ledger_resolve.sql'
export const REFUND = '42_ledger_refund.sql'
export const CORRECT = '44_ledger_correct.sql'
export const CLAW_BACK = '46_ledger_claw_back.sql'
export const ACCOUNTS = '48_ledger_accounts.sql'
export const JOBS = '50_jobs.sql'
export const CLAIM = '52_jobs_claim.sql'
export const EVENTS = '55_job_events.sql'
export const ONE = '56_jobs_one.sql'
export const TASKS = '57_jobs_tasks.sql'
export const GENERATIONS = '60_generations.sql'
export const DIRECT = '65_direct_holds.sql'
export const WEBHOOKS = '72_webhooks.sql'
export const BATCHES = '77_batches.sql'

/** A text, and what stands in its place. */
export function gone(file: string, find: string, replace = '') {
  return { file, find, replace }
}
