import { inject } from '@adonisjs/core'
import type { HttpContext } from '@adonisjs/core/http'
import { ReadinessQuery } from '#app/health/queries/readiness_query'

@inject()
export default class HealthController {
  constructor(private readonly readiness: ReadinessQuery) {}

  /** Alive: the process answers. Asks nothing, so that a slow database never gets it killed. */
  live({ response }: HttpContext) {
    return response.ok({ status: 'ok' })
  }

  /** Ready: what a request needs is there. */
  async ready({ response }: HttpContext) {
    const report = await this.readiness.handle()
    return response.status(report.ready ? 200 : 503).json(report)
  }
}
