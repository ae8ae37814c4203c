import env from '#start/env'
import { defineConfig, destinations } from '@adonisjs/core/logger'
import app from '@adonisjs/core/services/app'
import type { InferLoggers } from '@adonisjs/core/types'

/** JSON lines in production, readable ones elsewhere. Never a key, a token or a prompt. */
const loggerConfig = defineConfig({
  default: 'app',
  loggers: {
    app: {
      enabled: true,
      name: 'daygen',
      level: env.get('LOG_LEVEL'),
      redact: ['req.headers.authorization', 'req.headers.cookie', 'token', 'secret', 'password'],
      destination: app.inProduction ? undefined : await destinations.pretty({ sync: true }),
    },
  },
})

export default loggerConfig

declare module '@adonisjs/core/types' {
  export interface LoggersList extends InferLoggers<typeof loggerConfig> {}
}
