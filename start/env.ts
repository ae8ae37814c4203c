import { Env } from '@adonisjs/core/env'
import { completeEnvironment } from '#start/local_defaults'

const root = new URL('../', import.meta.url)
await completeEnvironment(root)

const URL_OF_OURS = { format: 'url', tld: false } as const

/** Whether the variables of Cloud Tasks may be missing. */
const isPulled = () => process.env.QUEUE_DRIVER !== 'cloud_tasks'

/** A text that may be missing. */
function matching(pattern: RegExp, what: string) {
  return (name: string, value?: string) => {
    if (!value) return undefined
    if (pattern.test(value)) return value
    throw new Error(`"${name}" must be ${what} (Current value: "${value}")`)
  }
}

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
  WEBHOOKS_ALLOW_PRIVATE: Env.schema.boolean.optional(),
  WORKER: Env.schema.enum(['inline', 'off'] as const),
  SCHEDULER: Env.schema.enum.optional(['inline', 'off'] as const),
  QUEUE_DRIVER: Env.schema.enum(['postgres', 'cloud_tasks'] as const),
  CLOUD_TASKS_PROJECT: Env.schema.string.optionalWhen(isPulled),
  CLOUD_TASKS_LOCATION: Env.schema.string.optionalWhen(isPulled),
  CLOUD_TASKS_QUEUE: matching(/^[\w-]{1,90}$/, 'at most 90 letters, digits and hyphens'),
  CLOUD_TASKS_SHARDS: matching(/^[1-9]\d?$/, 'a number from 1 to 99'),
  CLOUD_TASKS_URL: Env.schema.string.optionalWhen(
    () => isPulled() || !!process.env.APP_URL,
    URL_OF_OURS
  ),
  CLOUD_TASKS_SERVICE_ACCOUNT: Env.schema.string.optionalWhen(isPulled, { format: 'email' }),
  CLOUD_TASKS_AUDIENCE: Env.schema.string.optional(),
  CLOUD_TASKS_ISSUER: Env.schema.string.optional(URL_OF_OURS),
  CLOUD_TASKS_JWKS_URL: Env.schema.string.optional(URL_OF_OURS),
  CLOUD_TASKS_ENDPOINT: matching(/^[\w.-]+:\d{1,5}$/, 'host:port'),
})
