import { Env } from '@adonisjs/core/env'
import { completeEnvironment } from '#start/local_defaults'

const root = new URL('../', import.meta.url)
await completeEnvironment(root)

/** Every variable the platform reads. `.env.example` explains them. */
export default await Env.create(root, {
  NODE_ENV: Env.schema.enum(['development', 'production', 'test'] as const),
  HOST: Env.schema.string({ format: 'host' }),
  PORT: Env.schema.number(),
  APP_KEY: Env.schema.secret(),
  APP_URL: Env.schema.string.optional({ format: 'url', tld: false }),
  LOG_LEVEL: Env.schema.string(),
  TRUST_PROXY: Env.schema.boolean(),
  DATABASE_URL: Env.schema.string(),
  DATABASE_POOL: Env.schema.number(),
  REDIS_URL: Env.schema.string.optional(),
  LEDGER_KEY: Env.schema.string.optional(),
  ENABLE_PLUGINS: Env.schema.string.optional(),
  WORKER: Env.schema.enum(['inline', 'off'] as const),
  SCHEDULER: Env.schema.enum.optional(['inline', 'off'] as const),
})
