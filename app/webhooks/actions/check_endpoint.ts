import { inject } from '@adonisjs/core'
import { CallbackUrls } from '#app/outbound/callback_urls'
import { EVENT_FILTERS } from '#app/webhooks/event_types'
import type { WebhookProblem } from '#app/webhooks/problem'

/** What is wrong with where somebody wants to be told, and of what. */
@inject()
export class CheckEndpoint {
  constructor(private readonly urls: CallbackUrls) {}

  async handle({
    url,
    events,
  }: {
    url?: string
    events?: string[]
  }): Promise<WebhookProblem | null> {
    const wrong = events?.findIndex((event) => !EVENT_FILTERS.includes(event)) ?? -1
    if (wrong >= 0) {
      return {
        code: 'unknown_event_type',
        param: `/events/${wrong}`,
        message: `"${events![wrong]}" is no type of event. Known: ${EVENT_FILTERS.join(', ')}.`,
      }
    }
    const refusal = url === undefined ? null : await this.urls.check(url)
    return refusal && { code: refusal.type, param: '/url', message: refusal.message }
  }
}
