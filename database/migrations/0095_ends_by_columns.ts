import { BaseSchema } from '@adonisjs/lucid/schema'

/**
 * Ends of one moment by columns, as their starts are: whole rows of jobs and holds inside of arrays
 * cost more to take apart than to find. See 40_ledger_resolve.sql, 60_generations.sql.
 */
export default class extends BaseSchema {
  async up() {
    this.schema.raw(`
      -- With the functions that take them. The new ones have other parameters, so they do not replace them.
      drop type job_ending, hold_end cascade;
      drop function if exists ledger_resolve_odd, ledger_return_expired, generation_resolved(jobs);

      -- The ends of jobs with their holds, a row across all columns for each.
      create type job_ends as (
        account_id text[], job_id text[],
        -- NULL where its caller has the job: it is not fenced then.
        token bigint[],
        job_state text[], cost bigint[], delivered integer[], outputs jsonb[], error jsonb[],
        usage jsonb[], loss jsonb[], measures jsonb[]);

      -- Those of holds without a job.
      create type direct_ends as (
        account_id text[], hold_id text[], state text[], cost_micro bigint[], actor text[]);
    `)
  }

  async down() {
    this.schema.raw('drop type direct_ends, job_ends cascade')
  }
}
