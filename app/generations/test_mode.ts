import { modeOf } from '#core/ledger/account_mode'
import type { RegisteredModel } from '#core/plugins/registry'

/** The plugin whose models pretend: what test accounts may use, so that nothing real is paid with test credits. */
const SANDBOX = 'sandbox'

/** Whether an account may use a model at all. */
export function isOpenTo(accountId: string, { provider }: Pick<RegisteredModel, 'provider'>) {
  return modeOf(accountId) === 'live' || provider === SANDBOX
}

/** What a test key is told that asks for a real model. */
export function notInTestMode(name: string, models: RegisteredModel[]): string {
  const open = models.filter(({ provider }) => provider === SANDBOX).map((model) => model.name)
  const instead =
    open.length > 0
      ? `Use ${open.join(' or ')}, or a live key.`
      : 'Here they are off: start with ENABLE_PLUGINS=sandbox, or use a live key.'
  return `${name} is real, and test keys use the sandbox models only. ${instead}`
}
