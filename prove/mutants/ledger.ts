import type { Mutant } from '../proof.js'
import {
  ENTRIES,
  MOVES,
  GRANT,
  HOLD,
  RESOLVE,
  REFUND,
  CORRECT,
  CLAW_BACK,
  ACCOUNTS,
  JOBS,
  GENERATIONS,
  DIRECT,
  gone,
} from './sources.js'

/** What the verbs of the ledger promise of amounts, and when. */
export const LEDGER: Mutant[] = [
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
