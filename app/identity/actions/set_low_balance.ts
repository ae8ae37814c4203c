import type { Credits } from '#core/ledger/credits'
import Organisation from '#app/identity/models/organisation'

/** Below how many available credits an organisation is told; `null` for the platform's figure. */
export async function setLowBalance(orgId: string, below: Credits | null): Promise<void> {
  await Organisation.query()
    .where('id', orgId)
    .update({ low_balance_micro: below && below.micro.toString() })
}
