import type { AccountMode } from '#core/ledger/account_mode'

/** The condition on an account's id that leaves those of one mode. Ids tell which it is. */
export function accountsOf(mode: AccountMode): string {
  return `${mode === 'test' ? '' : 'not '}like 'tst\\_%'`
}
