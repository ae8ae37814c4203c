import { modeOf, type AccountMode } from '#core/ledger/account_mode'
import type { RegisteredModel } from '#core/plugins/registry'

/** Whether an account may use a model at all: test credits pay for nothing real. */
export function isOpenTo(accountId: string, model: Pick<RegisteredModel, 'audience'>) {
  return isOpenIn(modeOf(accountId), model)
}

export function isOpenIn(mode: AccountMode, { audience }: Pick<RegisteredModel, 'audience'>) {
  return audience === 'both' || audience === mode
}

/** What an account is told that asks for a model which is not open to it. */
export function notOpen(accountId: string, name: string, models: RegisteredModel[]) {
  if (modeOf(accountId) === 'live') {
    const message = `${name} only pretends to work, so it is for test keys (dg_test_…). Use another model, or a test key.`
    return { code: 'model_only_in_test_mode', message }
  }
  const open = models.filter((model) => isOpenTo(accountId, model)).map((model) => model.name)
  const instead =
    open.length > 0
      ? `Use ${open.join(' or ')}, or a live key.`
      : 'None is on here: config/plugins.ts has none. Use a live key.'
  const message = `${name} is real, and test keys use models that only pretend. ${instead}`
  return { code: 'model_not_in_test_mode', message }
}
