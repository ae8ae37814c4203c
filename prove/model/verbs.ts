import { ACCOUNT_VERBS, type AccountOperation } from './verbs/accounts.js'
import { DIRECT_HOLD_VERBS, type DirectHoldOperation } from './verbs/direct_holds.js'
import { GENERATION_VERBS, type GenerationOperation } from './verbs/generations.js'
import { GRANT_VERBS, type GrantOperation } from './verbs/grants.js'
import { MOVEMENT_VERBS, type MovementOperation } from './verbs/movements.js'
import { QUEUE_VERBS, type QueueOperation } from './verbs/queue.js'
import { TRANSFER_VERBS, type TransferOperation } from './verbs/transfers.js'
import type { Verbs } from './verbs/verb.js'

/**
 * Every verb that the streams use: how to make up a call of it, how to make the call, and what the
 * oracle says to it. A verb more is an entry more in its family's file.
 *
 * Operations are plain data that means something without the ones before: jobs, holds and grants
 * have names, times count from now. One whose subject does not exist is passed over.
 */
export type Operation =
  | AccountOperation
  | GrantOperation
  | GenerationOperation
  | QueueOperation
  | DirectHoldOperation
  | MovementOperation
  | TransferOperation

export const VERBS: Verbs<Operation> = {
  ...ACCOUNT_VERBS,
  ...GRANT_VERBS,
  ...GENERATION_VERBS,
  ...QUEUE_VERBS,
  ...DIRECT_HOLD_VERBS,
  ...MOVEMENT_VERBS,
  ...TRANSFER_VERBS,
}
