import db from '@adonisjs/lucid/services/db'
import { test } from '@japa/runner'
import { deleteFiles } from '#app/assets/actions/delete_files'
import { drawing, newPicture, newStudio, type Body } from './studio.js'

test.group('Asking twice', () => {
  const headers = { 'idempotency-key': 'order-7' }

  test('the same key and body, however they are written, are one generation', async ({
    client,
    assert,
  }) => {
    const studio = await newStudio(client)
    const first = await studio.accepted(
      { model: 'sandbox/image', input: { prompt: 'a lake', seed: 1, format: 'jpeg' } },
      headers
    )
    const before = await studio.until(first.id, ({ status }) => status === 'succeeded')

    const again = await studio.generate(
      { input: { format: 'jpeg', seed: 1, prompt: 'a lake' }, model: 'sandbox/image' },
      headers
    )

    again.assertHeader('idempotent-replayed', 'true')
    again.assertStatus(200)
    assert.equal(again.body().id, first.id)
    assert.equal(again.body().status, before.status)
    assert.containSubset(await studio.kept(), { generations: 1, holds: 1 })
  })

  test('of ten equal requests at once one starts, and all name it', async ({ client, assert }) => {
    const studio = await newStudio(client)

    const responses = await Promise.all(
      Array.from({ length: 10 }, () => studio.generate(drawing(), headers))
    )

    assert.equal(new Set(responses.map((response) => response.body().id)).size, 1)
    const replays = responses.filter((response) => response.header('idempotent-replayed'))
    assert.lengthOf(replays, 9)
    assert.containSubset(await studio.kept(), { generations: 1 })
  })

  test('the same key with another body is refused, and changes nothing', async ({
    client,
    assert,
  }) => {
    const studio = await newStudio(client)
    const { id } = await studio.generated(drawing(), headers)
    const before = await studio.kept()

    const response = await studio.generate(drawing({ seed: 2 }), headers)

    response.assertStatus(409)
    response.assertBodyContains({ error: { code: 'idempotency_key_reused', generation: id } })
    assert.deepEqual(await studio.kept(), before)
  })

  test('a repeat is answered though {title} since')
    .with([
      { title: 'its deadline has passed' },
      { title: 'its reference was deleted' },
      { title: 'the credits were spent' },
      { title: 'the account was closed' },
    ])
    .run(async ({ client, assert }, { title }) => {
      const studio = await newStudio(client, { credits: '0.5' })
      const image = await newPicture(studio.id)
      const resize = { model: 'local/resize', input: { image } }
      const deadline = new Date(Date.now() + 1000).toISOString()
      const changes: Record<string, { body: Body; happens: () => Promise<unknown> }> = {
        'its deadline has passed': {
          body: { ...resize, deadline },
          happens: async () => {
            while (Date.now() <= Date.parse(deadline)) {
              await new Promise((resolve) => setTimeout(resolve, 50))
            }
          },
        },
        'its reference was deleted': {
          body: resize,
          happens: () => deleteFiles({ accountId: studio.id, assetIds: [image] }),
        },
        'the credits were spent': { body: drawing(), happens: async () => {} },
        'the account was closed': {
          body: resize,
          happens: () => db.from('accounts').where('id', studio.id).update({ state: 'closed' }),
        },
      }
      const { body, happens } = changes[title]
      const first = await studio.generated(body, headers)
      await happens()

      const again = await studio.generate(body, headers)
      const other = await studio.generate({ ...body, metadata: { a: 'b' } }, headers)

      again.assertStatus(200)
      again.assertHeader('idempotent-replayed', 'true')
      assert.equal(again.body().id, first.id)
      other.assertStatus(409)
    })

  test('a repeat by a key that was revoked since is not answered, even before this process has heard', async ({
    client,
    assert,
  }) => {
    const studio = await newStudio(client)
    const image = await newPicture(studio.id)
    const body = { model: 'local/resize', input: { image } }
    const { id } = await studio.generated(body, headers)
    await deleteFiles({ accountId: studio.id, assetIds: [image] })
    await db.from('api_keys').where('id', studio.key.id).update({ revoked_at: new Date() })

    const again = await studio.generate(body, headers)

    again.assertStatus(422)
    assert.notInclude(again.text(), id)
  })
})
