import { inject } from '@adonisjs/core'
import { RefusalLog } from '#core/quota/refusal_log'
import { UsageRetention } from '#core/usage/usage_retention'

/** What has to be done once a day: room for the usage of the coming months, and forgetting what is old. */
@inject()
export class KeepHouse {
  constructor(
    private readonly retention: UsageRetention,
    private readonly refusals: RefusalLog
  ) {}

  async handle(): Promise<{ forgottenKeys: number; forgottenRefusals: number }> {
    await this.retention.addPartitions()
    const forgottenKeys = await this.retention.forgetKeys()
    return { forgottenKeys, forgottenRefusals: await this.refusals.forget() }
  }
}
