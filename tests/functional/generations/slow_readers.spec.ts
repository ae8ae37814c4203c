import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import db from '@adonisjs/lucid/services/db'
import app from '@adonisjs/core/services/app'
import { test } from '@japa/runner'
import { appUrl } from '#config/app'
import settings from '#config/streams'
import { Streams } from '#core/streams/streams'
import { openStreams } from '#app/identity/open_streams'
import { listen } from './event_source.js'
import { drawing, newStudio } from './studio.js'

const bearer = (keyText: string) => ({ authorization: `Bearer ${keyText}` })
/** More than the buffers of two sockets take. */
const MANY = 4_000
const LARGE = 4_000

async function until(holds: () => boolean) {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 20))
}

test.group('A reader that does not read', (group) => {
  const { backlog } = settings
  group.each.teardown(() => void Object.assign(settings, { backlog }))
  group.each.timeout(60_000)

  /** Asks for a stream and takes none of it. */
  async function stubborn(path: string, keyText: string): Promise<Socket> {
    const { hostname, port } = new URL(appUrl)
    const socket = connect(Number(port), hostname).pause()
    socket.on('error', () => {})
    await once(socket, 'connect')
    socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${keyText}\r\n\r\n`)
    return socket
  }

  /** Large lines in a job's story, as a provider that tells a lot would make them. */
  async function tellMuch(accountId: string, jobId: string) {
    await db.rawQuery(
      `with job as (update jobs set event_seq = event_seq + ? where account_id = ? and id = ?
         returning account_id, id, event_seq)
       insert into job_events (account_id, job_id, seq, type, data)
       select account_id, id, event_seq - n, 'progress', jsonb_build_object('note', repeat('x', ?))
       from job, generate_series(0, ?) n`,
      [MANY, accountId, jobId, LARGE, MANY - 1]
    )
    const streams = await app.container.make(Streams)
    streams.announce(accountId, jobId)
  }

  test('is cut before much piles up, of {title}, and goes on by the id it saw last')
    .with([
      { title: 'one generation', path: (id: string) => `/v1/generations/${id}/events` },
      { title: 'all of an organisation', path: () => '/v1/events?from=beginning' },
    ])
    .run(async ({ client, assert }, { path }) => {
      Object.assign(settings, { backlog: { ...backlog, ms: 100 } })
      const studio = await newStudio(client)
      const { id } = await studio.accepted(drawing({ prompt: 'slow:60s' }))
      await studio.until(id, ({ status }) => status === 'running')
      // Those of other tests are on their way out.
      await until(() => openStreams.size === 0)
      const socket = await stubborn(path(id), studio.keyText)
      await until(() => openStreams.size === 1)

      await tellMuch(studio.id, id.replace('gen_', 'job_'))
      await until(() => openStreams.size === 0)

      const read: Buffer[] = []
      socket.on('data', (part) => read.push(part)).resume()
      await once(socket, 'close')
      const seen = [
        ...Buffer.concat(read)
          .toString()
          .matchAll(/^id: (\S+)\n.*\ndata: (.*)\n\n/gm),
      ]
      assert.isBelow(seen.length, MANY)
      const [, last] = seen.at(-1)!
      const rest = await listen(new URL(path(id), appUrl).href, {
        ...bearer(studio.keyText),
        'last-event-id': last,
      })
      await studio.post(`/v1/generations/${id}/cancel`)
      await until(() => rest.events.some(({ event }) => event === 'canceled'))
      rest.leave()
      const numbers = [
        ...seen.map(([, , data]) => JSON.parse(data).seq),
        ...rest.events.map(({ data }) => data.seq),
      ]
      assert.deepEqual(
        numbers,
        numbers.map((_, index) => index + 1)
      )
      assert.isAbove(numbers.length, MANY)
    })

  test('but takes what is there gets all of a long story', async ({ client, assert }) => {
    const studio = await newStudio(client)
    const { id } = await studio.accepted(drawing({ prompt: 'slow:60s' }))
    await studio.until(id, ({ status }) => status === 'running')
    await tellMuch(studio.id, id.replace('gen_', 'job_'))
    await studio.post(`/v1/generations/${id}/cancel`)

    const { events, ended } = await listen(
      `${appUrl}/v1/generations/${id}/events`,
      bearer(studio.keyText)
    )
    await ended

    assert.equal(events.at(-1)!.event, 'canceled')
    assert.deepEqual(
      events.map(({ data }) => data.seq),
      events.map((_, index) => index + 1)
    )
  })
})
