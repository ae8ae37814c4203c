import { modeOf } from '#core/ledger/account_mode'
import Organisation from '#app/identity/models/organisation'

/** The test account of an organisation, named by either id. `null` when there is none. */
export function testAccountQuery(id: string): Promise<Organisation | null> {
  return modeOf(id) === 'test' ? Organisation.find(id) : Organisation.findBy('test_of', id)
}
