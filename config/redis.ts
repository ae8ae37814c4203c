import env from '#start/env'
import { defineConfig } from '@adonisjs/redis'
import type { InferConnections } from '@adonisjs/redis/types'

const server = {
  ...fromUrl(env.get('REDIS_URL')),
  connectTimeout: 2000,
  retryStrategy: (times: number) => Math.min(times * 200, 5000),
}

/** Only connected to when `REDIS_URL` is set. */
const redisConfig = defineConfig({
  connection: 'main',
  connections: {
    /** Limits ask it while a caller waits: one that is away fails fast instead of queueing. */
    main: { ...server, enableOfflineQueue: false, commandTimeout: 50, maxRetriesPerRequest: 0 },
    /** Carries the word between processes, and takes up its subscription again by itself. */
    bus: server,
  },
})

export default redisConfig

declare module '@adonisjs/redis/types' {
  export interface RedisConnections extends InferConnections<typeof redisConfig> {}
}

function fromUrl(address: string | undefined) {
  const { hostname, port, username, password, pathname, protocol } = new URL(
    address ?? 'redis://127.0.0.1:6379'
  )
  return {
    host: hostname,
    port: Number(port || 6379),
    username: decodeURIComponent(username) || undefined,
    password: decodeURIComponent(password) || undefined,
    db: Number(pathname.slice(1) || 0),
    tls: protocol === 'rediss:' ? {} : undefined,
  }
}
