import { inject } from '@adonisjs/core'
import type { LimitRule, OwnRule } from '#core/quota/limit_rule'
import { Quota } from '#core/quota/quota'

/** The rules of an organisation's own, and those that hold where it has none. */
@inject()
export class RulesQuery {
  constructor(private readonly quota: Quota) {}

  async handle(accountId: string): Promise<{ own: OwnRule[]; defaults: LimitRule[] }> {
    return { own: await this.quota.rules(accountId), defaults: this.quota.defaults }
  }
}
