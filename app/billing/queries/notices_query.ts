import { inject } from '@adonisjs/core'
import { Notices } from '#core/notices/notices'

/** What was told of one account or of all, newest first. */
@inject()
export class NoticesQuery {
  constructor(private readonly notices: Notices) {}

  handle(wanted: { accountId?: string; limit: number }) {
    return this.notices.list(wanted)
  }
}
