export type AccountMode = 'live' | 'test'

/** Whether an account holds real credits. Its id tells, so that nobody has to ask for it. */
export function modeOf(accountId: string): AccountMode {
  return accountId.startsWith('tst_') ? 'test' : 'live'
}
