import { connect, createServer, type Socket } from 'node:net'
import app from '@adonisjs/core/services/app'
import { RedisManagerFactory } from '@adonisjs/redis/factories'
import type { RedisService } from '@adonisjs/redis/types'
import { test } from '@japa/runner'
import { PostgresBus } from '#adapters/bus/postgres_bus'
import { RedisBus } from '#adapters/bus/redis_bus'
import { postgresBus, postgresWorld } from './metered_jobs/postgres_world.js'
import { streamsSuite } from './streams.js'
import { redisAnswers } from '#tests/redis'
import { busSuite } from './streams/bus.js'

const redis = app.config.get<any>('redis')

async function redisBus() {
  const manager = new RedisManagerFactory(redis).create()
  app.terminating(() => manager.quitAll())
  return new RedisBus(manager as unknown as RedisService, await app.container.make('logger'))
}

streamsSuite('Postgres', () => postgresWorld())
busSuite('Postgres', () => postgresBus(process.env.DATABASE_URL!))

if (await redisAnswers()) {
  streamsSuite('Postgres with the bus on Redis', () => postgresWorld(redisBus))
  busSuite('Redis', redisBus)
} else {
  test('Bus on Redis: skipped, because no Redis answers at REDIS_URL or at its usual place', () => {}).skip()
}

test.group('Bus on Postgres, when its connection is lost', () => {
  /** A door to Postgres that can be shut, with what is open behind it. */
  async function newDoor() {
    const target = new URL(process.env.DATABASE_URL!)
    const open = new Set<Socket>()
    const door = { refuse: 0, refused: 0, open }
    const server = createServer((socket) => {
      socket.on('error', () => {})
      if (door.refuse > 0) {
        door.refuse--
        door.refused++
        return socket.destroy()
      }
      open.add(socket)
      socket.once('close', () => open.delete(socket))
      const inner = connect(Number(target.port || 5432), target.hostname)
      inner.on('error', () => socket.destroy())
      socket.pipe(inner).pipe(socket)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const url = new URL(target)
    url.host = `127.0.0.1:${(server.address() as { port: number }).port}`
    return { door, url: url.href, shut: () => server.close() }
  }

  test('it comes back after several tries, on one connection, and hears again', async ({
    assert,
  }) => {
    const { door, url, shut } = await newDoor()
    const bus = new PostgresBus(url, await app.container.make('logger'))
    await bus.connect()
    const speaker = await postgresBus(process.env.DATABASE_URL!)
    await speaker.connect()

    door.refuse = 3
    for (const socket of door.open) socket.destroy()
    const heard = new Promise<void>((resolve) => bus.subscribe('still', () => resolve()))
    const speaking = setInterval(() => speaker.publish('still', 'there'), 50)
    await heard
    clearInterval(speaking)

    assert.equal(door.refused, 3)
    assert.equal(door.open.size, 1)
    await Promise.all([bus.close(), speaker.close()])
    shut()
  })

  test('a start without a database fails, and does not try again by itself', async ({ assert }) => {
    const { door, url, shut } = await newDoor()
    door.refuse = 1
    const bus = new PostgresBus(url, await app.container.make('logger'))

    await assert.rejects(() => bus.connect())

    await bus.connect()
    assert.equal(door.open.size, 1)
    await bus.close()
    shut()
  })
})
