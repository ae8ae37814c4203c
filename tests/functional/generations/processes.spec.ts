import { test } from '@japa/runner'
import { redisAddress, redisAnswers } from '#tests/redis'
import { Installation, type ServerProcess } from '#tests/functional/onboarding/installation'
import { listen, type Told } from './event_source.js'
import { drawing, type Body } from './studio.js'

const { host, port } = redisAddress()
const buses = [{ bus: 'Postgres', url: '' }]
if (await redisAnswers()) {
  buses.push({ bus: 'Redis', url: `redis://${host}:${port}` })
} else {
  test('Three processes over Redis: skipped, because no Redis answers at REDIS_URL or at its usual place', () => {}).skip()
}

async function until(holds: () => boolean) {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 20))
}

const idsOf = (events: Told[]) => events.map(({ data }) => data.id)
const ends = (events: Told[]) => events.filter(({ event }) => event === 'succeeded').length

for (const { bus, url } of buses) {
  test.group(`Three processes at once, over ${bus}`, (group) => {
    group.each.timeout(180_000)
    let installation: Installation
    let servers: ServerProcess[]
    let key: string

    /** One that works, and two that only serve. */
    group.setup(async () => {
      installation = await Installation.make()
      const first = await installation.start({ REDIS_URL: url, WORKER: 'inline' })
      key = /(dg_live_\w{40})/.exec(first.said())![1]
      const others = { REDIS_URL: url, WORKER: 'off' }
      servers = [
        first,
        ...(await Promise.all([installation.start(others), installation.start(others)])),
      ]
      return () => installation.remove()
    })

    async function generate(server: ServerProcess, prompt: string): Promise<Body> {
      const response = await fetch(`${server.url}/v1/generations`, {
        method: 'POST',
        headers: { 'authorization': `Bearer ${key}`, 'content-type': 'application/json' },
        body: JSON.stringify(drawing({ prompt })),
      })
      return (await response.json()) as Body
    }

    const follow = (server: ServerProcess, path: string, lastEventId?: string) =>
      listen(`${server.url}/v1${path}`, {
        authorization: `Bearer ${key}`,
        ...(lastEventId ? { 'last-event-id': lastEventId } : {}),
      })

    test('readers of each hear the same, whoever works, and lose nothing when theirs dies', async ({
      assert,
    }) => {
      const [, second, third] = servers
      const all = await Promise.all(servers.map((server) => follow(server, '/events')))

      const { id } = await generate(third, 'a lake slow:400ms')
      const ofOne = await Promise.all(
        servers.map((server) => follow(server, `/generations/${id}/events`))
      )
      await Promise.all(ofOne.map(({ ended }) => ended))
      await until(() => all.every(({ events }) => ends(events) === 1))
      const last = await generate(third, 'a lake slow:800ms')
      await until(() => all[1].events.some(({ data }) => data.generation === last.id))
      await second.kill()
      servers = servers.filter((server) => server !== second)
      await all[1].ended
      const resumed = await follow(third, '/events', all[1].lastEventId)
      await until(() => ends(all[0].events) === 2 && ends(all[2].events) === 2)
      await until(() => ends([...all[1].events, ...resumed.events]) === 2)
      for (const stream of [...all, resumed]) stream.leave()

      const told = idsOf(all[0].events)
      assert.equal(new Set(told).size, told.length)
      assert.deepEqual(idsOf(all[2].events), told)
      assert.deepEqual(idsOf([...all[1].events, ...resumed.events]), told)
      for (const { events } of ofOne) {
        assert.deepEqual(
          idsOf(events),
          told.filter((one) => one.startsWith(`evt_${id.slice(4)}`))
        )
      }
    })

    test('a key that is revoked by a command loses its streams in all of them', async ({
      assert,
    }) => {
      const { id } = await generate(servers[1], 'a lake slow:60s')
      const streams = await Promise.all(
        servers.flatMap((server) => [
          follow(server, '/events'),
          follow(server, `/generations/${id}/events`),
        ])
      )

      await installation.ace(['key:revoke', key.slice(0, 14)], { REDIS_URL: url })
      await Promise.all(streams.map(({ ended }) => ended))

      for (const server of servers) {
        const { response } = await follow(server, '/events')
        assert.equal(response.status, 401)
      }
    })
  })
}
