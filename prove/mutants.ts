import type { Mutant } from './proof.js'

const ENTRIES = '10_ledger_entries.sql'
const MOVES = '15_ledger_moves.sql'
const GRANT = '20_ledger_grant.sql'
const HOLD = '30_ledger_hold.sql'
const GATES = '35_ledger_gates.sql'
const BUDGETS = '37_budgets.sql'
const RESOLVE = '40_ledger_resolve.sql'
const REFUND = '42_ledger_refund.sql'
const CORRECT = '44_ledger_correct.sql'
const CLAW_BACK = '46_ledger_claw_back.sql'
const ACCOUNTS = '48_ledger_accounts.sql'
const JOBS = '50_jobs.sql'
const TASKS = '57_jobs_tasks.sql'
const ONE = '56_jobs_one.sql'
const CLAIM = '52_jobs_claim.sql'
const EVENTS = '55_job_events.sql'
const GENERATIONS = '60_generations.sql'
const WEBHOOKS = '72_webhooks.sql'
const BATCHES = '77_batches.sql'
const DIRECT = '65_direct_holds.sql'

/**
 * What is taken out of the ledger, one at a time, each with the proof that must miss it. A function
 * that is written anew needs its texts anew here: one that is not found exactly once is an error,
 * so that no mutant is lost in silence.
 */
export const MUTANTS: Mutant[] = [
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

  // Webhooks and batches
  {
    name: 'signature-without-id',
    killedBy: 'webhooks',
    why: 'What is told of one event can be told as another.',
    environment: { SIGN_WITHOUT_ID: 'yes' },
  },
  {
    name: 'body-of-the-moment',
    killedBy: 'webhooks',
    why: 'A further try tells what has become of it since.',
    sql: `create function forget_body() returns trigger language plpgsql
        as 'begin new.body := null; return new; end';
      create trigger forget_body before update of attempts on webhook_deliveries
        for each row execute function forget_body()`,
  },
  {
    name: 'never-disabled',
    killedBy: 'webhooks',
    why: 'An endpoint that takes nothing is told for ever.',
    texts: [gone(WEBHOOKS, "then 'failing' end;", 'then null end;')],
  },
  {
    name: 'batch-without-budget',
    killedBy: 'batches',
    why: 'Nothing counts what a batch may cost.',
    texts: [
      gone(
        BATCHES,
        'select account_id, id, actor, key_id, user_id, idempotency_key, request_hash, size,\n    estimate_micro, budget_micro,',
        'select account_id, id, actor, key_id, user_id, idempotency_key, request_hash, size,\n    estimate_micro, null,'
      ),
    ],
  },
  {
    name: 'cancel-leaves-items',
    killedBy: 'batches',
    why: 'What a canceled batch never started waits for ever.',
    texts: [gone(BATCHES, "if jsonb_typeof(p->'skip_left') = 'object' then", 'if false then')],
  },

  {
    name: 'no-snapshot-guard',
    killedBy: 'sse',
    why: 'A follower passes by what began earlier and is committed later.',
    texts: [gone(EVENTS, 'pg_snapshot_xmin(', 'pg_snapshot_xmax(')],
  },

  {
    name: 'settle-before-store',
    killedBy: 'storage',
    why: 'What is delivered is paid for before its file is safe.',
    environment: { STORE_LATER: 'yes' },
  },

  // Once only
  {
    name: 'no-key-check',
    killedBy: 'ledger',
    why: 'A request that is sent again starts again.',
    texts: [
      gone(HOLD, 'where i.account_id = c.account_id and i.key = c.idempotency_key', 'where false'),
      gone(HOLD, 'if call.idempotency_key = any (keys) then', 'if false then'),
    ],
  },
  {
    name: 'no-key-conflict',
    killedBy: 'ledger',
    why: 'Another request under a used key hears of the first as if it were its own.',
    texts: [
      gone(
        HOLD,
        "case when call.known_hash = call.request_hash then 'exists' else 'conflict' end",
        "'exists'"
      ),
    ],
  },
  {
    name: 'no-grant-once',
    killedBy: 'ledger',
    why: 'A payment that is told twice is granted twice.',
    texts: [
      gone(
        GRANT,
        "if found then\n    return jsonb_build_object('outcome', 'exists'",
        "if false then\n    return jsonb_build_object('outcome', 'exists'"
      ),
    ],
    sql: 'alter table grants drop constraint grants_account_id_source_source_ref_key',
  },
  {
    name: 'refunds-for-ever',
    killedBy: 'ledger',
    why: 'A refund that expired under a hold becomes another refund.',
    texts: [gone(MOVES, 'dead.parent_grant_id is not null or ')],
  },

  // Amounts
  {
    name: 'no-ceiling',
    killedBy: 'ledger',
    why: 'The user pays more than was held.',
    texts: [gone(RESOLVE, 'least(costs[call.n], call.amount_micro)', 'costs[call.n]')],
  },
  {
    name: 'no-loss',
    killedBy: 'ledger',
    why: 'What the platform ate is forgotten.',
    texts: [gone(GENERATIONS, 'where e.unpaid_micro > 0;', 'where false;')],
  },
  {
    name: 'slices-come-back-whole',
    killedBy: 'ledger',
    why: 'What was paid goes back to its grant as well.',
    texts: [
      gone(
        RESOLVE,
        'remaining_micro = g.remaining_micro + p.amount - p.paid',
        'remaining_micro = g.remaining_micro + p.amount'
      ),
    ],
  },
  {
    name: 'no-draw-order',
    killedBy: 'ledger',
    why: 'The oldest grant is drawn first, whatever its priority and expiry.',
    texts: [gone(HOLD, 'order by g.priority, g.expires_at nulls last, g.id', 'order by g.id')],
  },
  {
    name: 'no-restriction',
    killedBy: 'ledger',
    why: 'A grant for one model pays for all.',
    texts: [
      gone(
        HOLD,
        "elsif piece.restricted_to is null or (piece.restricted_to->'models' ? call.model\n        or piece.restricted_to->'kinds' ? call.kind) is true then",
        'else'
      ),
    ],
  },
  {
    name: 'refund-for-all',
    killedBy: 'ledger',
    why: 'What comes back of a grant for one model pays for all.',
    texts: [gone(MOVES, "\n    'restricted_to', dead.restricted_to,")],
  },
  {
    name: 'grant-drawn-twice',
    killedBy: 'overspend',
    why: 'Of holds that are taken together, each draws what the one before has taken.',
    texts: [gone(HOLD, 'pool[i].remaining_micro := pool[i].remaining_micro - parts[i];')],
  },

  // Refunds and corrections
  {
    name: 'refund-above-the-cost',
    killedBy: 'ledger',
    why: 'More is given back than was paid.',
    texts: [gone(REFUND, 'if asked > hold.cost_micro - refunded then', 'if false then')],
  },
  {
    name: 'refund-forgets-the-last',
    killedBy: 'ledger',
    why: 'Each refund is held against the cost as if it were the first.',
    texts: [
      gone(
        REFUND,
        'where r.account_id = account.id and r.hold_id = hold.id;',
        'where r.account_id = account.id and false;'
      ),
    ],
  },
  {
    name: 'refund-of-the-first-slice',
    killedBy: 'ledger',
    why: 'What was drawn first comes back first, and expires first.',
    texts: [
      gone(
        REFUND,
        'sum(paid.amount) over (order by position desc)',
        'sum(paid.amount) over (order by position)'
      ),
    ],
  },
  {
    name: 'refund-of-another-sum',
    killedBy: 'ledger',
    why: 'A used reference with another amount hears that it was refunded.',
    texts: [gone(REFUND, ' or known.amount_micro <> asked then', ' then')],
  },
  {
    name: 'refund-beside-the-debt',
    killedBy: 'ledger',
    why: 'Who owes is refunded, and still owes.',
    texts: [gone(REFUND, "account := ledger_repay(account, entry_ref, p->>'actor', at);")],
  },
  {
    name: 'correction-below-nothing',
    killedBy: 'ledger',
    why: 'More is taken by hand than there is.',
    texts: [gone(CORRECT, 'if live < -asked then', 'if false then')],
  },
  {
    name: 'correction-told-twice',
    killedBy: 'ledger',
    why: 'A correction that is sent again corrects again.',
    texts: [gone(CORRECT, 'if known is not null then', 'if false then')],
  },

  // Claw-backs and debts
  {
    name: 'claw-back-rounded-down',
    killedBy: 'ledger',
    why: 'A part of a micro-credit stays with who has the money back.',
    texts: [gone(CLAW_BACK, " + (p->>'charged')::numeric - 1,", ',')],
  },
  {
    name: 'claw-back-above-the-grant',
    killedBy: 'ledger',
    why: 'A refund of what is in dispute as well takes more than was bought.',
    texts: [
      gone(
        CLAW_BACK,
        "least((p->>'charged')::numeric,\n    (p->>'refunded')::numeric + (p->>'disputed')::numeric)",
        "((p->>'refunded')::numeric + (p->>'disputed')::numeric)"
      ),
    ],
  },
  {
    name: 'claw-back-by-events',
    killedBy: 'ledger',
    why: 'A state that is told twice takes twice.',
    texts: [
      gone(CLAW_BACK, 'step := target - coalesce(state.booked_micro, 0);', 'step := target;'),
    ],
  },
  {
    name: 'claw-back-of-old-books',
    killedBy: 'ledger',
    why: 'An old state of the books that comes late is believed.',
    texts: [gone(CLAW_BACK, "if state.as_of > (p->>'as_of')::timestamptz then", 'if false then')],
  },
  {
    name: 'claw-back-without-debt',
    killedBy: 'ledger',
    why: 'What was spent already is not owed.',
    texts: [gone(CLAW_BACK, 'if owed > 0 then', 'if false then')],
  },
  {
    name: 'dispute-won-for-nothing',
    killedBy: 'ledger',
    why: 'A debt that was repaid before the dispute was won does not come back.',
    texts: [
      gone(
        CLAW_BACK,
        'surplus := greatest(0, piece.amount - account.overdraft_micro);',
        'surplus := 0;'
      ),
    ],
  },
  {
    name: 'debt-never-repaid',
    killedBy: 'ledger',
    why: 'Who owes is granted credit, and still owes.',
    texts: [gone(GRANT, 'if account.overdraft_micro > 0 then', 'if false then')],
  },
  {
    name: 'debt-outlives-the-return',
    killedBy: 'ledger',
    why: 'What a hold returns to who owes is left to be spent.',
    texts: [gone(RESOLVE, 'if account.overdraft_micro > 0 then', 'if false then')],
  },
  {
    name: 'hold-in-debt',
    killedBy: 'ledger',
    why: 'Who owes goes on.',
    texts: [gone(HOLD, 'when call.overdraft_micro > 0 then', 'when false then')],
  },

  // Closed accounts and transfers
  {
    name: 'hold-of-the-closed',
    killedBy: 'ledger',
    why: 'A closed account begins new work.',
    texts: [gone(HOLD, "when call.state = 'closed' then", 'when false then')],
  },
  {
    name: 'grant-to-the-closed',
    killedBy: 'ledger',
    why: 'A closed account takes credits that nobody will spend.',
    texts: [gone(GRANT, "if account.state = 'closed' then", 'if false then')],
  },
  {
    name: 'transfer-arrives-twice',
    killedBy: 'ledger',
    why: 'The other half again doubles what was moved.',
    texts: [
      gone(
        ACCOUNTS,
        "if found then\n    if known.direction <> 'in'",
        "if false then\n    if known.direction <> 'in'"
      ),
    ],
    sql: 'alter table transfers drop constraint transfers_pkey',
  },
  {
    name: 'transfer-taken-for-another',
    killedBy: 'ledger',
    why: 'A transfer whose reference the other account has used is lost.',
    texts: [
      gone(
        ACCOUNTS,
        "if known.direction <> 'in' or known.peer_id <> p->>'from' then",
        'if false then'
      ),
    ],
  },
  {
    name: 'debt-repaid-by-the-expired',
    killedBy: 'ledger',
    why: 'A debt that arrives is repaid by credit whose time has passed.',
    texts: [
      gone(
        ACCOUNTS,
        "-- A debt that arrives is not repaid by what has expired.\n  account := ledger_expire_due(account, at, 'due');"
      ),
    ],
  },

  // Direct holds
  {
    name: 'no-key-check-for-direct-holds',
    killedBy: 'ledger',
    why: 'A hold that is sent again is held again.',
    texts: [
      gone(
        DIRECT,
        "when k.id is not null then jsonb_build_object('hold', k.id,",
        "when false then jsonb_build_object('hold', k.id,"
      ),
    ],
    sql: 'drop index direct_holds_once_per_key',
  },
  {
    name: 'key-for-two-things',
    killedBy: 'ledger',
    why: 'The key of a direct hold starts a generation as well.',
    texts: [
      gone(
        HOLD,
        'where d.account_id = c.account_id and d.idempotency_key = c.idempotency_key',
        'where false'
      ),
    ],
  },
  {
    name: 'direct-hold-out-of-time',
    killedBy: 'ledger',
    why: 'A hold whose time has passed is settled all the same.',
    texts: [gone(DIRECT, 'h.expires_at <= clock_timestamp() as is_late', 'false as is_late')],
  },
  {
    name: 'direct-hold-above-itself',
    killedBy: 'ledger',
    why: 'A cost above the hold is taken for the hold, and nobody hears of it.',
    texts: [
      gone(
        DIRECT,
        "\n      when call.asked = 'settled' and call.cost > call.amount_micro then 'too_much'"
      ),
    ],
  },

  // Times
  {
    name: 'hold-of-the-expired',
    killedBy: 'ledger',
    why: 'Credit whose time has come is drawn.',
    texts: [gone(HOLD, 'if piece.expires_at <= at then', 'if false then')],
  },
  {
    name: 'hold-leaves-the-due',
    killedBy: 'ledger',
    why: 'A hold passes by credit whose time has come, and it stays in the balance.',
    texts: [gone(HOLD, 'if has_due then', 'if false then')],
  },
  {
    name: 'grant-of-the-past',
    killedBy: 'ledger',
    why: 'Credit is granted that could never be spent.',
    texts: [gone(GRANT, "if (p->>'expires_at')::timestamptz <= at then", 'if false then')],
  },
  {
    name: 'expiry-a-tick-late',
    killedBy: 'ledger',
    why: 'At the very tick of its expiry a grant still lives.',
    texts: [gone(ENTRIES, 'and live and expires_at <= at', 'and live and expires_at < at')],
  },
  {
    name: 'clock-that-runs-back',
    killedBy: 'ledger',
    why: 'An entry is older than the one before it.',
    texts: [
      gone(
        ENTRIES,
        'select greatest(clock_timestamp() + account.clock_offset, account.last_entry_at)',
        'select clock_timestamp() + account.clock_offset'
      ),
    ],
  },
  {
    name: 'hold-of-an-earlier-time',
    killedBy: 'ledger',
    why: 'A hold draws by a time before the last entry: from what has expired since.',
    texts: [
      gone(
        HOLD,
        'at := greatest(clock_timestamp() + call.clock_offset, call.last_entry_at);',
        'at := clock_timestamp() + call.clock_offset;'
      ),
    ],
  },
  {
    name: 'job-that-waits-for-its-account',
    killedBy: 'ledger',
    why: 'A job is due by the time of its account, which may be ahead of the real one.',
    texts: [
      gone(
        JOBS,
        'least(j.at, clock_timestamp()), j.deadline, j.traceparent',
        'j.at, j.deadline, j.traceparent'
      ),
    ],
  },
  {
    name: 'cancel-keeps-expired',
    killedBy: 'ledger',
    why: "Credit that expired under the user's own cancel lives on.",
    texts: [
      gone(
        GENERATIONS,
        "'actor', p->>'actor') || coalesce(attempt_abandoned(job, 'canceled'), '{}'));",
        "'actor', p->>'actor', 'keep_expired', true));"
      ),
    ],
  },

  // Limits
  {
    name: 'no-limit',
    killedBy: 'overspend',
    why: 'No cap binds.',
    texts: [
      gone(
        HOLD,
        'if state.held + state.used + state.waiting + state.needed > state.max then',
        'if false then'
      ),
    ],
  },
  {
    name: 'limit-forgets-held',
    killedBy: 'ledger',
    why: 'What open holds may still use is not counted.',
    texts: [
      gone(
        HOLD,
        'if state.held + state.used + state.waiting + state.needed > state.max then',
        'if state.used + state.waiting + state.needed > state.max then'
      ),
    ],
  },
  {
    name: 'limit-forgets-the-call-before',
    killedBy: 'overspend',
    why: 'Of holds that are taken together, each finds the room that the one before has taken.',
    texts: [gone(HOLD, 'for i in before + 1 .. cardinality(counted) loop', 'for i in 1 .. 0 loop')],
  },
  {
    name: 'budget-without-lock',
    killedBy: 'overspend',
    why: 'Two accounts at once lease what is left of a budget, sooner with a moment in between.',
    texts: [
      gone(
        BUDGETS,
        'if over.id is not null then',
        'perform pg_sleep(0.003); if over.id is not null then'
      ),
      gone(
        BUDGETS,
        `from jsonb_array_elements(p) c, jsonb_array_elements(c->'leases') l)
  order by b.id, b.measure, b."window" for update;`,
        `from jsonb_array_elements(p) c, jsonb_array_elements(c->'leases') l);`
      ),
    ],
  },
  {
    name: 'budget-that-gives-all',
    killedBy: 'overspend',
    why: 'More of a budget is leased than there is.',
    texts: [gone(BUDGETS, 'continue when want.lacking <= want.max - want.leased;', 'continue;')],
  },
  {
    name: 'lease-arrives-without-lock',
    killedBy: 'overspend',
    why: 'What comes to an account writes over what its calls take meanwhile.',
    texts: [gone(BUDGETS, 'perform from accounts a where a.id = account for update;')],
  },
  {
    name: 'lease-for-each-of-a-call',
    killedBy: 'overspend',
    why: 'Of holds that are taken together, each has the whole lease of its account.',
    texts: [
      gone(BUDGETS, 'coalesce(e.held, k.held) as held', 'k.held'),
      gone(BUDGETS, 'coalesce(e.used, k.used) as used', 'k.used'),
    ],
  },
  {
    name: 'lease-given-back-and-kept',
    killedBy: 'overspend',
    why: 'An account goes on with what it has given back.',
    texts: [gone(BUDGETS, 'set max = c.max - i.amount', 'set max = c.max')],
  },
  {
    name: 'counter-never-returns',
    killedBy: 'ledger',
    why: 'A cap stays taken when its job has ended.',
    texts: [gone(RESOLVE, 'held = c.held - n.held,', 'held = c.held,')],
  },
  {
    name: 'counter-of-any-window',
    killedBy: 'ledger',
    why: 'The end of a job of yesterday counts today.',
    texts: [gone(RESOLVE, ' and c.window_start = n.window_start')],
  },

  {
    name: 'passes-who-waits',
    killedBy: 'ledger',
    why: 'Who comes later passes those who wait for a limit.',
    texts: [
      gone(
        HOLD,
        'if state.held + state.used + state.waiting + state.needed > state.max then',
        'if state.held + state.used + state.needed > state.max then'
      ),
    ],
  },
  {
    name: 'let-go-without-room',
    killedBy: 'ledger',
    why: 'What waits for a limit is let go though it has no room.',
    texts: [
      gone(GATES, 'if state.held + state.used + state.needed > state.max then', 'if false then'),
    ],
  },
  {
    name: 'waits-after-its-end',
    killedBy: 'ledger',
    why: 'What ended while it waited for a limit keeps its place in the line.',
    texts: [
      gone(
        RESOLVE,
        'perform ledger_leave_gates(h) from holds h where h.account_id = account_ids[k] and h.id = hold_ids[k];',
        'null;'
      ),
    ],
  },
  {
    name: 'observes-and-refuses',
    killedBy: 'ledger',
    why: 'A limit that only observes refuses.',
    texts: [gone(HOLD, "if state.on_exceed = 'observe' then", 'if false then')],
  },

  // The chain
  {
    name: 'no-chain',
    killedBy: 'ledger',
    why: 'An entry does not carry the one before it.',
    texts: [gone(ENTRIES, 'account.head_hash := entry.hash;')],
  },
  {
    name: 'no-chain-in-a-call',
    killedBy: 'ledger',
    why: 'Of entries that are written together, each follows the one before all of them.',
    texts: [gone(RESOLVE, 'head := entry.hash;')],
  },
]

function gone(file: string, find: string, replace = '') {
  return { file, find, replace }
}
