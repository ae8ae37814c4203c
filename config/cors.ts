import { defineConfig } from '@adonisjs/cors'

/**
 * The API, and only it (see `app/middleware/entrance_middleware.ts`), is open to every origin,
 * because no cookie counts there: only the key does.
 */
export default defineConfig({
  enabled: true,
  origin: '*',
  credentials: false,
  methods: ['GET', 'HEAD', 'POST', 'PUT', 'DELETE'],
  headers: [
    'authorization',
    'content-type',
    'idempotency-key',
    'prefer',
    'last-event-id',
    'daygen-org',
    'traceparent',
  ],
  exposeHeaders: [
    'location',
    'retry-after',
    'ratelimit',
    'ratelimit-policy',
    'request-id',
    'daygen-cost',
    'preference-applied',
    'idempotent-replayed',
  ],
  maxAge: 86_400,
})
