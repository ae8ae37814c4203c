import type { ApplicationService } from '@adonisjs/core/types'
import BodyParserMiddleware from '@adonisjs/core/bodyparser_middleware'
import string from '@adonisjs/core/helpers/string'
import CorsMiddleware from '@adonisjs/cors/cors_middleware'
import StaticMiddleware from '@adonisjs/static/static_middleware'
import BodyMiddleware from '#app/middleware/body_middleware'
import EntranceMiddleware from '#app/middleware/entrance_middleware'

/** Makes once what every request passes. */
export default class HttpProvider {
  constructor(private readonly app: ApplicationService) {}

  register() {
    const { container } = this.app
    container.singleton(EntranceMiddleware, async (make) => {
      const files = await make.make(StaticMiddleware)
      return new EntranceMiddleware(files, await make.make(CorsMiddleware))
    })
    container.singleton(BodyMiddleware, async (make) => {
      const { default: config } = await import('#config/bodyparser')
      const limit = string.bytes.parse(config.json.limit!)!
      const { default: batches } = await import('#config/batches')
      const limits = new Map([['/v1/batches', string.bytes.parse(batches.largestBody)!]])
      const unread = new Set(['/hooks/providers/:provider/:account/:job/:token'])
      return new BodyMiddleware(await make.make(BodyParserMiddleware), limit, limits, unread)
    })
  }
}
