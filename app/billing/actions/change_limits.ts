import { inject } from '@adonisjs/core'
import { ruleProblem, type OwnRule } from '#core/quota/limit_rule'
import type { Actor } from '#core/ledger/types'
import { Quota, type RuleKey } from '#core/quota/quota'

export type SetLimitOutcome =
  { ok: true } | { ok: false; problem: { field: keyof OwnRule; message: string } }

/** The limits an organisation has of its own, or for one of its members, keys or end users. */
@inject()
export class ChangeLimits {
  constructor(private readonly quota: Quota) {}

  async set(accountId: string, rule: OwnRule, actor: Actor): Promise<SetLimitOutcome> {
    const problem = ruleProblem(rule)
    if (problem) return { ok: false, problem }
    await this.quota.setRule(accountId, rule, actor)
    return { ok: true }
  }

  /** Answers whether there was one. */
  remove(accountId: string, rule: RuleKey): Promise<boolean> {
    return this.quota.removeRule(accountId, rule)
  }
}
