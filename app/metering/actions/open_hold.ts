import { inject } from '@adonisjs/core'
import { newId } from '#core/ids'
import {
  DirectHolds,
  type DirectHoldRequest,
  type DirectHoldResult,
} from '#core/ledger/direct_holds'
import { Quota } from '#core/quota/quota'
import { RefusalLog, type ExplainedRefusal } from '#core/quota/refusal_log'

type OpenHoldOutcome =
  | Exclude<DirectHoldResult, { outcome: 'refused' }>
  | { outcome: 'refused'; refusal: ExplainedRefusal; refusalId: string; alternative: null }
  | { outcome: 'key_revoked' }

interface OpenHoldRequest extends Omit<DirectHoldRequest, 'holdId' | 'limits'> {
  traceparent: string | null
}

/** What a refusal names where no model was asked for. */
const OWN_WORK = 'metered'

/** Sets credits aside for work that the caller meters itself, or says why not. */
@inject()
export class OpenHold {
  constructor(
    private readonly holds: DirectHolds,
    private readonly quota: Quota,
    private readonly log: RefusalLog
  ) {}

  async handle({ traceparent, ...request }: OpenHoldRequest): Promise<OpenHoldOutcome> {
    const limits = this.quota.defaults
    const result = await this.holds.open({ ...request, holdId: newId('hld'), limits })
    if (result.outcome !== 'refused') return result
    const { refusal } = result
    if (refusal.type === 'key_revoked') return { outcome: 'key_revoked' }
    const refusalId = this.log.record({
      accountId: request.accountId,
      refusal,
      model: OWN_WORK,
      kind: OWN_WORK,
      keyId: request.keyId,
      userId: request.userId,
      endUser: null,
      alternative: null,
      traceId: traceparent?.split('-')[1] ?? null,
    })
    return { outcome: 'refused', refusal, refusalId, alternative: null }
  }
}
