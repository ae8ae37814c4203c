import { inject } from '@adonisjs/core'
import { newId } from '#core/ids'
import { DirectHolds, type DirectHoldRequest } from '#core/ledger/direct_holds'
import { Quota } from '#core/quota/quota'

/** Sets credits aside for work that the caller meters itself, or says why not. */
@inject()
export class OpenHold {
  constructor(
    private readonly holds: DirectHolds,
    private readonly quota: Quota
  ) {}

  handle(request: Omit<DirectHoldRequest, 'holdId' | 'limits'>) {
    return this.holds.open({ ...request, holdId: newId('hld'), limits: this.quota.defaults })
  }
}
