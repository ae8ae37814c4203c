import { inject } from '@adonisjs/core'
import { UsageRetention } from '#core/usage/usage_retention'

/** What has to be done once a day: room for the usage of the coming months, and forgetting old idempotency keys. */
@inject()
export class KeepHouse {
  constructor(private readonly retention: UsageRetention) {}

  async handle(): Promise<{ forgottenKeys: number }> {
    await this.retention.addPartitions()
    return { forgottenKeys: await this.retention.forgetKeys() }
  }
}
