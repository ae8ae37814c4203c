import type { ApplicationService } from '@adonisjs/core/types'
import CorsMiddleware from '@adonisjs/cors/cors_middleware'
import StaticMiddleware from '@adonisjs/static/static_middleware'
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
  }
}
