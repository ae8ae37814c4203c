import type { Mutant } from '../proof.js'
import { EVENTS, WEBHOOKS, BATCHES, gone } from './sources.js'

/** Webhooks, batches and streams, and files before money. */
export const DELIVERIES: Mutant[] = [
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
]
