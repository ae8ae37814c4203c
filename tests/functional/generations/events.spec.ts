import app from '@adonisjs/core/services/app'
import db from '@adonisjs/lucid/services/db'
import { test } from '@japa/runner'
import { Streams } from '#core/streams/streams'
import { appUrl } from '#config/app'
import { CancelGeneration } from '#app/generations/actions/cancel_generation'
import { createApiKey } from '#app/identity/actions/create_api_key'
import { revokeApiKey } from '#app/identity/actions/revoke_api_key'
import { openStreams } from '#app/identity/open_streams'
import { listen, type Told } from './event_source.js'
import { drawing, newStudio, PICTURE, type Body } from './studio.js'

const numbers = (events: Told[]) => events.map(({ data }) => data.seq)
const names = (events: Told[]) => events.map(({ event }) => event)

/** Until `holds`, while the server speaks. */
async function until(holds: () => boolean) {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 10))
}

test.group('The events of a generation', () => {
  const urlOf = (id: string) => `${appUrl}/v1/generations/${id}/events`
  const bearer = (keyText: string) => ({ authorization: `Bearer ${keyText}` })

  test('a reader gets what was, what comes, and the end with what it cost', async ({
    client,
    assert,
  }) => {
    const studio = await newStudio(client)
    const { id } = await studio.accepted(drawing({ prompt: 'a lake slow:700ms' }))

    const { response, events, ended } = await listen(urlOf(id), bearer(studio.keyText))
    await ended

    assert.equal(response.status, 200)
    assert.match(response.headers.get('content-type')!, /^text\/event-stream/)
    assert.equal(response.headers.get('cache-control'), 'no-store')
    assert.equal(response.headers.get('x-accel-buffering'), 'no')
    assert.isNotEmpty(response.headers.get('request-id'))
    assert.deepEqual(
      numbers(events),
      events.map((_, index) => index + 1)
    )
    assert.equal(new Set(events.map((one) => one.id)).size, events.length)
    const [first, second] = names(events)
    assert.deepEqual([first, second], ['queued', 'running'])
    assert.includeMembers(names(events), ['submitted', 'progress'])
    assert.deepEqual(names(events).slice(-2), ['settled', 'succeeded'])
    assert.containSubset(events[0].data, { type: 'queued', model: 'sandbox/image', held: PICTURE })
    assert.containSubset(events.at(-2)!.data, { charged: PICTURE, returned: '0' })
    assert.containSubset(events.at(-1)!.data, { type: 'succeeded', delivered: 1, cost: PICTURE })
    assert.isFalse(Number.isNaN(Date.parse(events[0].data.created_at)))
  })

  test('no event tells the prompt, nor what the vendor calls the work', async ({
    client,
    assert,
  }) => {
    const studio = await newStudio(client)
    const { id } = await studio.accepted(drawing({ prompt: 'my secret garden slow:300ms' }))

    const { events, ended } = await listen(urlOf(id), bearer(studio.keyText))
    await ended

    assert.notMatch(JSON.stringify(events), /secret|task_/)
  })

  test('a reader who comes back goes on after what it saw last', async ({ client, assert }) => {
    const studio = await newStudio(client)
    const { id } = await studio.accepted(drawing({ prompt: 'a lake slow:800ms' }))
    const first = await listen(urlOf(id), bearer(studio.keyText))
    await until(() => first.events.length >= 2)
    first.leave()
    await first.ended
    const seen = first.events.at(-1)!.id

    const byHeader = await listen(urlOf(id), {
      ...bearer(studio.keyText),
      'last-event-id': seen,
    })
    const byQuery = await listen(`${urlOf(id)}?last_event_id=${seen}`, bearer(studio.keyText))
    await Promise.all([byHeader.ended, byQuery.ended])

    const all = [...first.events, ...byHeader.events]
    assert.deepEqual(
      numbers(all),
      all.map((_, index) => index + 1)
    )
    assert.equal(all.at(-1)!.event, 'succeeded')
    assert.deepEqual(byQuery.events, byHeader.events)
  })

  test('after the end there is nothing more to come back for', async ({ client, assert }) => {
    const studio = await newStudio(client)
    const { id } = await studio.generated()
    const whole = await listen(urlOf(id), bearer(studio.keyText))
    await whole.ended
    const [almostLast, last] = whole.events.slice(-2)

    const again = await listen(urlOf(id), {
      ...bearer(studio.keyText),
      'last-event-id': last.id,
    })
    const almost = await listen(urlOf(id), {
      ...bearer(studio.keyText),
      'last-event-id': almostLast.id,
    })
    await almost.ended

    assert.equal(again.response.status, 204)
    assert.deepEqual(names(almost.events), ['succeeded'])
  })

  test('what is found out about a job after its end, its stream does not tell', async ({
    client,
    assert,
  }) => {
    const studio = await newStudio(client)
    const { id } = await studio.generated()
    const whole = await listen(urlOf(id), bearer(studio.keyText))
    await whole.ended
    await db.rawQuery(
      `insert into job_events (account_id, job_id, seq, type)
       values (?, ?, ?, 'late_result')`,
      [studio.id, id.replace('gen_', 'job_'), whole.events.length + 1]
    )

    const again = await listen(urlOf(id), {
      ...bearer(studio.keyText),
      'last-event-id': whole.lastEventId,
    })

    assert.equal(again.response.status, 204)
  })

  test('a failure and a cancel end the stream as well', async ({ client, assert }) => {
    const studio = await newStudio(client)
    const failing = await studio.accepted(drawing({ prompt: 'fail:moderation' }))
    const canceled = await studio.accepted(drawing({ prompt: 'slow:60s' }))
    const failure = await listen(urlOf(failing.id), bearer(studio.keyText))
    const cancel = await listen(urlOf(canceled.id), bearer(studio.keyText))

    await studio.post(`/v1/generations/${canceled.id}/cancel`)
    await Promise.all([failure.ended, cancel.ended])

    assert.containSubset(failure.events.at(-1), {
      event: 'failed',
      data: { cost: '0', error: { class: 'blocked_input' } },
    })
    assert.equal(cancel.events.at(-1)!.event, 'canceled')
  })

  test('its own link opens it without a key, from any origin', async ({ client, assert }) => {
    const studio = await newStudio(client)
    const { links } = await studio.accepted()

    const { response, events, ended } = await listen(links.events, {
      origin: 'https://elsewhere.example',
    })
    await ended

    assert.equal(response.status, 200)
    assert.equal(response.headers.get('access-control-allow-origin'), '*')
    assert.equal(events.at(-1)!.event, 'succeeded')
  })

  test('its own link ends with the key that was told it, open or not', async ({
    client,
    assert,
  }) => {
    const studio = await newStudio(client)
    const { id, links } = await studio.accepted(drawing({ prompt: 'slow:60s' }))
    const { key: second, text } = await createApiKey({ orgId: studio.id, name: 'second' })
    const told = await fetch(links.self, { headers: bearer(text) })
    const { links: linksOfSecond } = (await told.json()) as Body
    const others = linksOfSecond.events
    const [stream, other] = await Promise.all([listen(links.events), listen(others)])

    await revokeApiKey(studio.key.id)
    await stream.ended

    const [again, still] = await Promise.all([fetch(links.events), listen(others)])
    assert.equal(again.status, 401)
    assert.equal(still.response.status, 200)
    // Where the word of it was lost, it is found by looking.
    await db.from('api_keys').where('id', second.id).update({ revoked_at: new Date() })
    await openStreams.look()
    await Promise.all([other.ended, still.ended])
    const cancel = await app.container.make(CancelGeneration)
    await cancel.handle({ accountId: studio.id, id, actor: 'system:test' })
  })

  test('{title} opens nothing')
    .with([
      { title: 'the token of another generation', status: 401, code: 'invalid_api_key' },
      { title: 'an altered token', status: 401, code: 'invalid_api_key' },
      { title: 'no key and no token', status: 401, code: 'invalid_api_key' },
      { title: 'a key that is wrong', status: 401, code: 'invalid_api_key' },
      { title: 'a key of another scheme', status: 401, code: 'invalid_api_key' },
      { title: 'a key that may not read', status: 403, code: 'scope_missing' },
      { title: 'the key of another organisation', status: 404, code: 'generation_not_found' },
    ])
    .run(async ({ client, assert }, { title, status, code }) => {
      const studio = await newStudio(client)
      const own = await studio.generated()
      const other = await studio.generated()
      const stranger = await newStudio(client)
      const blind = await newStudio(client, { scopes: ['generate'] })
      const token = new URL(other.links.events).searchParams.get('token')!
      const ways: Record<string, [string, Record<string, string>]> = {
        'the token of another generation': [`?token=${token}`, {}],
        'an altered token': [`?token=${token.slice(0, -2)}xx`, {}],
        'no key and no token': ['', {}],
        'a key that is wrong': ['', bearer(`dg_live_${'a'.repeat(40)}`)],
        'a key of another scheme': ['', { authorization: `Basic ${studio.keyText}` }],
        'a key that may not read': ['', bearer(blind.keyText)],
        'the key of another organisation': ['', bearer(stranger.keyText)],
      }
      const [query, headers] = ways[title]

      const response = await fetch(`${urlOf(own.id)}${query}`, { headers })

      assert.equal(response.status, status)
      assert.containSubset(await response.json(), { error: { code } })
    })

  test('a stream that breaks ends, and the process goes on', async ({
    client,
    assert,
    cleanup,
  }) => {
    const studio = await newStudio(client)
    const { id } = await studio.generated()
    const streams = await app.container.make(Streams)
    const broken = Object.assign(Object.create(streams), {
      async *follow() {
        yield* await streams.read(studio.id, id.replace('gen_', 'job_'), 0, 1)
        throw new Error('away')
      },
    })
    app.container.swap(Streams, () => broken)
    cleanup(() => app.container.restore(Streams))

    const { events, ended } = await listen(urlOf(id), bearer(studio.keyText))
    await ended

    assert.deepEqual(names(events), ['queued'])
    const alive = await client.get('/healthz')
    alive.assertStatus(200)
  })

  test('a last event that is none of this generation is refused', async ({ client, assert }) => {
    const studio = await newStudio(client)
    const { id } = await studio.generated()
    const other = await studio.generated()
    const told = await listen(urlOf(other.id), bearer(studio.keyText))
    await told.ended

    for (const seen of [told.events[0].id, '3', 'abc', `evt_${id.slice(4)}_-1`, 'evt__1']) {
      const headers = { ...bearer(studio.keyText), 'last-event-id': seen }
      for (const response of [
        await fetch(urlOf(id), { headers }),
        await fetch(`${urlOf(id)}?last_event_id=${seen}`, { headers: bearer(studio.keyText) }),
      ]) {
        assert.equal(response.status, 400, seen)
        assert.containSubset(await response.json(), { error: { code: 'invalid_header' } })
      }
    }
  })
})
