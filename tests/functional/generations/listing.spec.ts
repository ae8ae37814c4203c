import db from '@adonisjs/lucid/services/db'
import type { ApiResponse } from '@japa/api-client'
import { test } from '@japa/runner'
import { createApiKey } from '#app/identity/actions/create_api_key'
import { drawing, lasting, newPicture, newStudio, type Body } from './studio.js'

const ids = (response: ApiResponse): string[] => response.body().data.map(({ id }: Body) => id)

test.group('The list of generations', () => {
  test('it has those of the organisation, the newest first, as each is told alone', async ({
    client,
    assert,
  }) => {
    const studio = await newStudio(client)
    const stranger = await newStudio(client)
    await stranger.generated()
    const first = await studio.generated()
    const second = await studio.generated()

    const response = await studio.get('/v1/generations')

    response.assertStatus(200)
    const { data, ...list } = response.body()
    assert.deepEqual(list, { object: 'list', next_cursor: null })
    assert.deepEqual(data.map(lasting), [second, first].map(lasting))
  })

  test('pages follow each other without a gap or a repeat, while new ones are made', async ({
    client,
    assert,
  }) => {
    const studio = await newStudio(client)
    const made: string[] = []
    for (let index = 0; index < 5; index++) {
      const { id } = await studio.generated(drawing({ prompt: 'fail:moderation' }))
      made.unshift(id)
    }

    const first = await studio.get('/v1/generations?limit=2')
    await studio.generated(drawing({ prompt: 'fail:moderation' }))
    const second = await studio.get(`/v1/generations?limit=2&cursor=${first.body().next_cursor}`)
    const third = await studio.get(`/v1/generations?limit=2&cursor=${second.body().next_cursor}`)

    assert.deepEqual(
      [ids(first), ids(second), ids(third)],
      [made.slice(0, 2), made.slice(2, 4), made.slice(4)]
    )
    assert.isNull(third.body().next_cursor)
  })

  test('those of one moment are all on some page', async ({ client, assert }) => {
    const studio = await newStudio(client)
    for (let index = 0; index < 4; index++) {
      await studio.generated(drawing({ prompt: 'fail:moderation' }))
    }
    await db
      .from('generations')
      .where('account_id', studio.id)
      .update({ created_at: '2026-05-01T10:00:00.123456Z' })

    const seen: string[] = []
    for (let cursor = ''; cursor !== null;) {
      const page = await studio.get(`/v1/generations?limit=1${cursor && `&cursor=${cursor}`}`)
      seen.push(...ids(page))
      cursor = page.body().next_cursor
    }

    assert.lengthOf(seen, 4)
    assert.deepEqual(seen, [...new Set(seen)].toSorted().toReversed())
  })

  test('filters find what they say, alone and together', async ({ client, assert }) => {
    const studio = await newStudio(client)
    const other = await createApiKey({ orgId: studio.id, name: 'other' })
    const image = await newPicture(studio.id)
    const failed = await studio.generated({
      ...drawing({ prompt: 'fail:moderation' }),
      end_user: 'ann',
      metadata: { campaign: 'spring', lot: '1' },
    })
    const drawn = await studio.generated({ ...drawing(), metadata: { campaign: 'spring' } })
    const resized = await client
      .post('/v1/generations')
      .bearerToken(other.text)
      .header('prefer', 'wait=60')
      .json({ model: 'local/resize', input: { image }, end_user: 'bob' })
    const names: Record<string, string> = {
      [failed.id]: 'failed',
      [drawn.id]: 'drawn',
      [resized.body().id]: 'resized',
    }
    const found = async (query: string) => {
      const response = await studio.get(`/v1/generations?${query}`)
      return ids(response).map((id) => names[id])
    }

    assert.deepEqual(await found('status=failed'), ['failed'])
    assert.deepEqual(await found('status=failed&status=succeeded'), ['resized', 'drawn', 'failed'])
    assert.deepEqual(await found('model=sandbox/image'), ['drawn', 'failed'])
    assert.deepEqual(await found('model=sandbox/image&model=local/resize&end_user=bob'), [
      'resized',
    ])
    assert.deepEqual(await found(`key=${other.key.id}`), ['resized'])
    assert.deepEqual(await found('end_user=ann'), ['failed'])
    assert.deepEqual(await found('metadata[campaign]=spring'), ['drawn', 'failed'])
    assert.deepEqual(await found('metadata[campaign]=spring&metadata[lot]=1'), ['failed'])
    assert.deepEqual(await found(`created_at[gte]=${drawn.created_at}`), ['resized', 'drawn'])
    assert.deepEqual(await found(`created_at[lt]=${drawn.created_at}`), ['failed'])
    assert.deepEqual(await found('model=sandbox/video'), [])
    assert.deepEqual(await found('end_user=%27%20or%20true%20--'), [])
  })

  test('a cursor is only for the filters it was made with', async ({ client, assert }) => {
    const studio = await newStudio(client)
    for (let index = 0; index < 2; index++) await studio.generated()
    const first = await studio.get('/v1/generations?limit=1&status=succeeded')
    const cursor = first.body().next_cursor
    assert.isString(cursor)

    const same = await studio.get(`/v1/generations?limit=5&status=succeeded&cursor=${cursor}`)
    const other = await studio.get(`/v1/generations?limit=1&cursor=${cursor}`)

    same.assertStatus(200)
    other.assertStatus(400)
    other.assertBodyContains({ error: { code: 'invalid_query', param: 'cursor' } })
  })
})

test.group('Deleting a generation', () => {
  test('forgets prompt and files, and keeps the record of the money', async ({
    client,
    assert,
  }) => {
    const studio = await newStudio(client)
    const body = { ...drawing(), metadata: { note: 'secret' } }
    const { id, outputs, cost } = await studio.generated(body)

    const response = await studio.delete(`/v1/generations/${id}`)

    response.assertStatus(204)
    const { status } = await fetch(outputs[0].url)
    assert.equal(status, 404)
    const shown = await studio.get(`/v1/generations/${id}`)
    assert.containSubset(shown.body(), {
      input: null,
      metadata: {},
      outputs: [],
      status: 'succeeded',
    })
    assert.isNotNull(shown.body().deleted_at)
    const list = await studio.get('/v1/generations')
    assert.deepEqual(ids(list), [])
    const receipt = await studio.receipt(id)
    assert.equal(receipt.charged, cost.charged)
    assert.deepEqual(await studio.violations(), [])
  })

  test('again is no error, and one that still runs must be canceled first', async ({
    client,
    assert,
  }) => {
    const studio = await newStudio(client)
    const done = await studio.generated()
    const open = await studio.accepted(drawing({ prompt: 'slow:30s' }))
    await studio.delete(`/v1/generations/${done.id}`)

    const again = await studio.delete(`/v1/generations/${done.id}`)
    const early = await studio.delete(`/v1/generations/${open.id}`)

    again.assertStatus(204)
    early.assertStatus(409)
    early.assertBodyContains({ error: { code: 'generation_open' } })
    const shown = await studio.get(`/v1/generations/${open.id}`)
    assert.equal(shown.body().input.prompt, 'slow:30s')
    await studio.post(`/v1/generations/${open.id}/cancel`)
  })

  test('a file that another generation made as well stays', async ({ client, assert }) => {
    const studio = await newStudio(client)
    const one = await studio.generated(drawing({ seed: 9 }))
    const other = await studio.generated(drawing({ seed: 9 }))

    await studio.delete(`/v1/generations/${one.id}`)

    const { status } = await fetch(other.outputs[0].url)
    assert.equal(status, 200)
  })
})
