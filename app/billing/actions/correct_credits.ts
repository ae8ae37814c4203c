import { inject } from '@adonisjs/core'
import { Ledger } from '#core/ledger/ledger'
import type { CorrectionRequest, CorrectionResult } from '#core/ledger/types'

/** Sets a balance right by an operator's hand, up or down. */
@inject()
export class CorrectCredits {
  constructor(private readonly ledger: Ledger) {}

  handle(request: CorrectionRequest): Promise<CorrectionResult> {
    return this.ledger.correct(request)
  }
}
