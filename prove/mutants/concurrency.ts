import type { Mutant } from '../proof.js'
import { GRANT, HOLD, RESOLVE, JOBS, TASKS, ONE, CLAIM, GENERATIONS, gone } from './sources.js'

/** Locks, fences and states that are final. */
export const CONCURRENCY: Mutant[] = [
  // Locks
  {
    name: 'no-account-lock',
    killedBy: 'overspend',
    why: 'Two holds at once read the same balance.',
    texts: [
      gone(
        HOLD,
        'perform from accounts a where a.id = any (r.account_id) for update;',
        'perform from accounts a where a.id = any (r.account_id);'
      ),
      gone(
        HOLD,
        'select a.id from accounts a where a.id = any (r.account_id) for update skip locked);',
        'select a.id from accounts a where a.id = any (r.account_id));'
      ),
    ],
  },
  {
    name: 'no-lock-to-settle',
    killedBy: 'overspend',
    why: 'Two ends at once write the same balance.',
    texts: [
      gone(RESOLVE, 'perform from accounts a where a.id = account_ids[1] for update;'),
      gone(
        RESOLVE,
        "h.was = 'held' for update skip locked\n    ) a on true",
        "h.was = 'held'\n    ) a on true"
      ),
    ],
  },
  {
    name: 'no-lock-to-grant',
    killedBy: 'overspend',
    why: 'A grant and a settlement at once fork the chain of entries.',
    texts: [
      gone(
        GRANT,
        "select * into account from accounts where id = p->>'account' for update;",
        "select * into account from accounts where id = p->>'account';"
      ),
    ],
  },
  {
    name: 'lock-order-swapped',
    killedBy: 'deliveries',
    why: 'One takes the account before the job, others the job before the account: they wait for each other, sooner with a moment in between.',
    texts: [
      gone(
        GENERATIONS,
        '  e record;\nbegin\n',
        '  e record;\nbegin\n  perform from accounts where id = any (r.account_id) for update;\n  perform pg_sleep(0.002);\n'
      ),
    ],
  },
  {
    name: 'claim-without-lock',
    killedBy: 'deliveries',
    why: 'Two workers take the same job.',
    texts: [
      gone(CLAIM, 'for no key update skip locked\n      ) line;', ') line;'),
      gone(CLAIM, 'for update of q skip locked'),
    ],
  },
  {
    name: 'told-without-lock',
    killedBy: 'deliveries',
    driver: 'cloud_tasks',
    why: 'Two processes that are told of a job at once both take it.',
    texts: [gone(ONE, 'and job_waits(j)\n  for update;', 'and job_waits(j);')],
  },

  // Fences and final states
  {
    name: 'no-fence',
    killedBy: 'deliveries',
    why: 'A worker that lost its job ends it all the same.',
    texts: [gone(GENERATIONS, "when call.token <> call.token_of_caller then 'stale'\n      ")],
  },
  {
    name: 'no-fence-for-the-queue',
    killedBy: 'ledger',
    why: 'A worker that lost its job stores its handle and puts it back.',
    texts: [gone(JOBS, " and token = (p->>'token')::bigint\n", '\n')],
  },
  {
    name: 'no-new-token-to-expire',
    killedBy: 'ledger',
    why: 'The worker of an expired job still holds a token that counts.',
    texts: [
      gone(
        GENERATIONS,
        'update jobs set token = token + 1 where account_id = job.account_id and id = job.id;'
      ),
    ],
  },
  {
    name: 'no-hold-state',
    killedBy: 'kill',
    why: 'A hold that has ended ends again.',
    texts: [
      gone(
        RESOLVE,
        " and h.was = 'held' for update skip locked\n    ) a on true",
        ' for update skip locked\n    ) a on true'
      ),
      gone(RESOLVE, "if call.was <> 'held' then", 'if false then'),
    ],
  },
  {
    name: 'cancel-of-the-ended',
    killedBy: 'ledger',
    why: 'A job that has ended is asked to stop.',
    texts: [
      gone(
        GENERATIONS,
        "('outcome', 'missing'); end if;\n  if job.state in ('succeeded', 'failed', 'canceled', 'expired') then",
        "('outcome', 'missing'); end if;\n  if false then"
      ),
    ],
  },
  {
    name: 'finish-of-the-queued',
    killedBy: 'ledger',
    why: 'A job that was put back is ended by the one who put it back.',
    texts: [
      gone(
        GENERATIONS,
        "\n      when call.state <> 'running' and call.token_of_caller is not null then 'stale'"
      ),
    ],
  },
  {
    name: 'expire-under-a-worker',
    killedBy: 'ledger',
    why: 'A job that was asked to stop ends while its worker still has its lease.',
    texts: [
      gone(
        JOBS,
        "\n      and (job.lease_until is null or job.lease_until < clock_timestamp()) then 'canceled'",
        " then 'canceled'"
      ),
    ],
  },
  {
    name: 'claim-of-the-canceled',
    killedBy: 'ledger',
    why: 'A job that was asked to stop begins once more.',
    texts: [
      gone(
        CLAIM,
        'j.deadline > clock_timestamp() and j.cancel_requested_at is null',
        'j.deadline > clock_timestamp()'
      ),
    ],
  },

  {
    name: 'lost-for-ever',
    killedBy: 'workers',
    why: 'The jobs of a worker that died stay with it.',
    texts: [
      gone(
        JOBS,
        "where state = 'running' and lease_until < clock_timestamp() and cancel_requested_at is null",
        'where false'
      ),
    ],
  },

  {
    name: 'acknowledged-before-written',
    killedBy: 'restart',
    why: 'What is committed is written a moment later.',
    sql: `do $$ begin
      execute format('alter database %I set synchronous_commit = off', current_database());
    end $$`,
  },
  {
    name: 'gives-up-on-its-database',
    killedBy: 'restart',
    why: 'A worker that could not reach its database once does not ask it again.',
    environment: { GIVE_UP: 'yes' },
  },
  {
    name: 'owed-once',
    killedBy: 'relay',
    driver: 'cloud_tasks',
    why: 'A job whose task was to be made by somebody who died is never told of.',
    texts: [
      gone(TASKS, 'and task_due <= clock_timestamp() and deadline', 'and false and deadline'),
    ],
  },
]
