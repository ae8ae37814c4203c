import { inject } from '@adonisjs/core'
import { Quota, type Subject } from '#core/quota/quota'

/** The rules that count for a subject, with what is left of each. */
@inject()
export class LimitsQuery {
  constructor(private readonly quota: Quota) {}

  handle(subject: Subject) {
    return this.quota.states(subject)
  }
}
