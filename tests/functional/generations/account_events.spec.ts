import db from '@adonisjs/lucid/services/db'
import { test } from '@japa/runner'
import { appUrl } from '#config/app'
import settings from '#config/streams'
import { createApiKey } from '#app/identity/actions/create_api_key'
import { revokeApiKey } from '#app/identity/actions/revoke_api_key'
import { openStreams } from '#app/identity/open_streams'
import { listen, type Told } from './event_source.js'
import { drawing, newStudio } from './studio.js'

const bearer = (keyText: string) => ({ authorization: `Bearer ${keyText}` })
const eventsUrl = `${appUrl}/v1/events`

async function until(holds: () => boolean) {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 10))
}

/** How many of these events end a generation. */
const ends = (events: Told[]) => events.filter(({ event }) => event === 'succeeded').length
const keysOf = (events: Told[]) => events.map(({ data }) => data.id)

test.group('The events of an organisation', (group) => {
  const { perHolder, perOrganisation, heartbeat } = settings
  group.each.teardown(() => void Object.assign(settings, { perHolder, perOrganisation, heartbeat }))

  test('a reader hears of all its generations, as each tells of itself, and of no other’s', async ({
    client,
    assert,
  }) => {
    const studio = await newStudio(client)
    const stranger = await newStudio(client)
    await studio.generated()
    const stream = await listen(eventsUrl, bearer(studio.keyText))

    const first = await studio.generated()
    await stranger.generated()
    const second = await studio.generated()
    await until(() => ends(stream.events) === 2)
    stream.leave()

    const { response, events } = stream
    assert.equal(response.status, 200)
    assert.match(response.headers.get('content-type')!, /^text\/event-stream/)
    assert.equal(response.headers.get('cache-control'), 'no-store')
    assert.equal(response.headers.get('x-accel-buffering'), 'no')
    assert.isNotEmpty(response.headers.get('request-id'))
    assert.sameMembers(
      [...new Set(events.map(({ data }) => data.generation))],
      [first.id, second.id]
    )
    const alone = await listen(
      `${appUrl}/v1/generations/${first.id}/events`,
      bearer(studio.keyText)
    )
    await alone.ended
    const ofFirst = events.filter(({ data }) => data.generation === first.id)
    assert.deepEqual(
      ofFirst.map(({ data }) => data),
      alone.events.map(({ data }) => data)
    )
  })

  test('a reader goes on from any event, by header or query, without a loss or a repeat', async ({
    client,
    assert,
  }) => {
    const studio = await newStudio(client)
    await studio.generated()
    await studio.generated()
    const all = await listen(`${eventsUrl}?from=beginning`, bearer(studio.keyText))
    await until(() => ends(all.events) === 2)
    all.leave()

    for (const [index, { id }] of all.events.slice(0, -1).entries()) {
      const byHeader = await listen(eventsUrl, { ...bearer(studio.keyText), 'last-event-id': id })
      const byQuery = await listen(`${eventsUrl}?last_event_id=${id}`, bearer(studio.keyText))
      const rest = keysOf(all.events.slice(index + 1))
      await until(() => [byHeader, byQuery].every(({ events }) => events.length >= rest.length))
      byHeader.leave()
      byQuery.leave()

      assert.deepEqual(keysOf(byHeader.events), rest)
      assert.deepEqual(keysOf(byQuery.events), rest)
    }
  })

  test('a reader that heard nothing yet loses nothing by going', async ({ client, assert }) => {
    const studio = await newStudio(client)
    const first = await listen(eventsUrl, bearer(studio.keyText))
    await until(() => first.lastEventId !== '')
    first.leave()
    await studio.generated()

    const second = await listen(eventsUrl, {
      ...bearer(studio.keyText),
      'last-event-id': first.lastEventId,
    })
    await until(() => ends(second.events) === 1)
    second.leave()

    assert.deepEqual(first.events, [])
    assert.equal(second.events[0].event, 'queued')
  })

  test('only the types that are asked for are told, and the rest is not gone through again', async ({
    client,
    assert,
  }) => {
    settings.heartbeat = 30
    const studio = await newStudio(client)
    const query = `${eventsUrl}?type=failed&type=canceled`
    const stream = await listen(query, bearer(studio.keyText))
    await until(() => stream.lastEventId !== '')
    const begun = stream.lastEventId

    await studio.generated()
    await studio.generated(drawing({ prompt: 'fail:moderation' }))
    await until(() => stream.events.length > 0)
    await studio.generated()
    const told = stream.events[0].id
    await until(() => ![begun, told].includes(stream.lastEventId))
    const behind = stream.lastEventId
    stream.leave()

    assert.deepEqual(
      stream.events.map(({ event }) => event),
      ['failed']
    )
    const resumed = await listen(query, { ...bearer(studio.keyText), 'last-event-id': behind })
    await studio.generated(drawing({ prompt: 'fail:moderation' }))
    await until(() => resumed.events.length > 0)
    resumed.leave()
    assert.notEqual(resumed.events[0].data.generation, stream.events[0].data.generation)
  })

  test('a last event that is none of this organisation is refused: {title}')
    .with([
      { title: 'another’s' },
      { title: 'an altered one' },
      { title: 'one that is cut off' },
      { title: 'one of a generation' },
      { title: 'a number' },
      { title: 'no text at all' },
    ])
    .run(async ({ client, assert }, { title }) => {
      const studio = await newStudio(client)
      const stranger = await newStudio(client)
      const { id } = await studio.generated()
      const [own, others] = await Promise.all(
        [studio, stranger].map((one) => listen(eventsUrl, bearer(one.keyText)))
      )
      await until(() => own.lastEventId !== '' && others.lastEventId !== '')
      own.leave()
      others.leave()
      const cursors: Record<string, string> = {
        'another’s': others.lastEventId,
        'an altered one': `${own.lastEventId.slice(0, -3)}zzz`,
        'one that is cut off': own.lastEventId.slice(0, 9),
        'one of a generation': `evt_${id.slice(4)}_1`,
        'a number': '17',
        'no text at all': '%00%ff',
      }

      const response = await fetch(eventsUrl, {
        headers: { ...bearer(studio.keyText), 'last-event-id': cursors[title] },
      })

      assert.equal(response.status, 400)
      assert.containSubset(await response.json(), { error: { code: 'invalid_header' } })
    })

  test('what cannot be asked for is refused: {query}')
    .with([
      { query: 'type=nothing' },
      { query: 'type=' },
      { query: 'type[a]=failed' },
      { query: 'from=yesterday' },
      { query: 'types=failed' },
    ])
    .run(async ({ client, assert }, { query }) => {
      const studio = await newStudio(client)

      const response = await fetch(`${eventsUrl}?${query}`, { headers: bearer(studio.keyText) })

      assert.equal(response.status, 400)
      assert.containSubset(await response.json(), { error: { code: 'invalid_query' } })
    })

  test('it is closed to {title}')
    .with([
      { title: 'nobody', status: 401, code: 'invalid_api_key' },
      { title: 'the link of a generation', status: 401, code: 'invalid_api_key' },
      { title: 'a key that may not read', status: 403, code: 'scope_missing' },
    ])
    .run(async ({ client, assert }, { title, status, code }) => {
      const studio = await newStudio(client)
      const blind = await newStudio(client, { scopes: ['generate'] })
      const { links } = await studio.accepted()
      const ways: Record<string, [string, Record<string, string>]> = {
        'nobody': ['', {}],
        'the link of a generation': [new URL(links.events).search, {}],
        'a key that may not read': ['', bearer(blind.keyText)],
      }
      const [query, headers] = ways[title]

      const response = await fetch(`${eventsUrl}${query}`, { headers })

      assert.equal(response.status, status)
      assert.containSubset(await response.json(), { error: { code } })
    })

  test('the streams of a key end with it, of both kinds, and those of another key go on', async ({
    client,
    assert,
  }) => {
    const studio = await newStudio(client)
    const { text: otherKey } = await createApiKey({ orgId: studio.id, name: 'other' })
    const { id } = await studio.accepted(drawing({ prompt: 'slow:60s' }))
    const one = `${appUrl}/v1/generations/${id}/events`
    const own = [
      await listen(eventsUrl, bearer(studio.keyText)),
      await listen(one, bearer(studio.keyText)),
    ]
    const others = await listen(eventsUrl, bearer(otherKey))

    await revokeApiKey(studio.key.id)
    await Promise.all(own.map(({ ended }) => ended))

    const again = await fetch(eventsUrl, {
      headers: { ...bearer(studio.keyText), 'last-event-id': own[0].lastEventId },
    })
    assert.equal(again.status, 401)
    await fetch(`${appUrl}/v1/generations/${id}/cancel`, {
      method: 'POST',
      headers: bearer(otherKey),
    })
    await until(() => others.events.some(({ event }) => event === 'canceled'))
    others.leave()
  })

  test('the streams of a key that was revoked without a word end soon', async ({
    client,
    assert,
  }) => {
    const studio = await newStudio(client)
    const stream = await listen(eventsUrl, bearer(studio.keyText))
    await db.from('api_keys').where('id', studio.key.id).update({ revoked_at: new Date() })

    await openStreams.look()
    await stream.ended

    assert.equal(stream.response.status, 200)
  })

  test('a {scope} has so many streams at a time and no more; one that ends makes room')
    .with([{ scope: 'key' }, { scope: 'organisation' }])
    .run(async ({ client, assert }, { scope }) => {
      Object.assign(settings, scope === 'key' ? { perHolder: 2 } : { perOrganisation: 2 })
      const studio = await newStudio(client)
      const { id } = await studio.accepted(drawing({ prompt: 'slow:60s' }))
      const { text: second } = await createApiKey({ orgId: studio.id, name: 'second' })
      const one = `${appUrl}/v1/generations/${id}/events`
      const keyOfSecond = scope === 'key' ? studio.keyText : second
      const first = await listen(eventsUrl, bearer(studio.keyText))
      const other = await listen(one, bearer(keyOfSecond))

      const refused = await fetch(eventsUrl, { headers: bearer(studio.keyText) })

      assert.equal(refused.status, 429)
      assert.equal(refused.headers.get('retry-after'), '5')
      assert.containSubset(await refused.json(), {
        error: { code: 'too_many_streams', retryable: true, limit: { scope, limit: 2, used: 2 } },
      })
      other.leave()
      for (;;) {
        const next = await listen(eventsUrl, bearer(studio.keyText))
        next.leave()
        if (next.response.status === 200) break
      }
      first.leave()
      await studio.post(`/v1/generations/${id}/cancel`)
    })

  test('who only asks for its head gets that, and no stream', async ({ client, assert }) => {
    const studio = await newStudio(client)

    const response = await fetch(eventsUrl, { method: 'HEAD', headers: bearer(studio.keyText) })

    assert.equal(response.status, 200)
    assert.equal(await response.text(), '')
  })
})
