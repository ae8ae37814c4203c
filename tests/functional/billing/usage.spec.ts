import db from '@adonisjs/lucid/services/db'
import { test } from '@japa/runner'
import {
  drawing,
  newPicture,
  newStudio,
  PICTURE,
  type Body,
} from '#tests/functional/generations/studio'

test.group('The usage report', () => {
  async function usedStudio(client: Parameters<typeof newStudio>[0]) {
    const studio = await newStudio(client, { timezone: 'Asia/Tokyo' })
    await studio.generated({ ...drawing(), end_user: 'ann' })
    await studio.generated({ ...drawing({ prompt: 'fail:transient' }), end_user: 'bob' })
    await studio.generated(drawing({ prompt: 'fail:moderation' }))
    const image = await newPicture(studio.id)
    await studio.generated({ model: 'local/resize', input: { image }, end_user: 'ann' })
    return studio
  }

  test('counts attempts, successes, failures and credits by {group}')
    .with([
      {
        group: 'model',
        data: [
          { model: 'local/resize', attempts: 1, succeeded: 1, failed: 0, credits: '0.003' },
          { model: 'sandbox/image', attempts: 4, succeeded: 2, failed: 2, credits: '0.94374' },
        ],
      },
      {
        group: 'provider',
        data: [
          { provider: 'local', attempts: 1, succeeded: 1, failed: 0, credits: '0.003' },
          { provider: 'sandbox', attempts: 4, succeeded: 2, failed: 2, credits: '0.94374' },
        ],
      },
      {
        group: 'end_user',
        data: [
          { end_user: null, attempts: 1, succeeded: 0, failed: 1, credits: '0' },
          { end_user: 'ann', attempts: 2, succeeded: 2, failed: 0, credits: '0.47487' },
          { end_user: 'bob', attempts: 2, succeeded: 1, failed: 1, credits: PICTURE },
        ],
      },
      {
        group: 'member',
        data: [{ member: null, attempts: 5, succeeded: 3, failed: 2, credits: '0.94674' }],
      },
    ])
    .run(async ({ client, assert }, { group, data }) => {
      const studio = await usedStudio(client)

      const response = await studio.get(`/v1/usage?group_by=${group}`)

      response.assertStatus(200)
      assert.containSubset(response.body(), { object: 'usage', group_by: group })
      assert.deepEqual(response.body().data, data)
    })

  test('a day is one of the organisation’s own', async ({ client, assert }) => {
    const studio = await usedStudio(client)
    // A quarter past midnight in Tokyo is the day before in Greenwich.
    await db
      .from('usage_events')
      .where('account_id', studio.id)
      .update({ created_at: '2026-03-31T15:15:00Z' })

    const response = await studio.get('/v1/usage?from=2026-03-31&to=2026-04-02')

    assert.deepEqual(
      response.body().data.map(({ day, attempts }: Body) => [day, attempts]),
      [['2026-04-01', 5]]
    )
  })

  test('covers from, and not to', async ({ client, assert }) => {
    const studio = await usedStudio(client)
    const moment = '2026-03-31T15:15:00.000Z'
    await db.from('usage_events').where('account_id', studio.id).update({ created_at: moment })
    const attempts = async (query: string) => {
      const response = await studio.get(`/v1/usage?group_by=member&${query}`)
      return response.body().data.map((row: Body) => row.attempts)
    }

    assert.deepEqual(await attempts(`from=${moment}&to=2026-04-02`), [5])
    assert.deepEqual(await attempts(`from=2026-03-01&to=${moment}`), [])
  })

  test('does not see other organisations', async ({ client, assert }) => {
    await usedStudio(client)
    const stranger = await newStudio(client)

    const response = await stranger.get('/v1/usage')

    assert.deepEqual(response.body().data, [])
  })
})

test.group('The limits', () => {
  test('tell each rule that counts, with what is used and what is left', async ({
    client,
    assert,
  }) => {
    const studio = await newStudio(client)
    await studio.generated()

    const response = await studio.get('/v1/limits')

    response.assertStatus(200)
    const { object, data } = response.body()
    assert.equal(object, 'list')
    const byScope = Object.fromEntries(data.map((limit: Body) => [limit.scope, limit]))
    assert.containSubset(byScope.key, {
      object: 'limit',
      scope_id: studio.key.id,
      measure: 'requests',
      window: 'minute',
      on_exceed: 'refuse',
      limit: '60',
      held: '0',
    })
    assert.containSubset(byScope.org, { scope_id: studio.id, limit: '300' })
    for (const { limit, used, held, left, clears_at: clears } of data) {
      assert.equal(Number(left), Number(limit) - Number(used) - Number(held))
      assert.isAbove(Date.parse(clears), Date.now() - 60_000)
    }
  })

  test('tell the organisation’s own rule instead of the default, and credits as decimals', async ({
    client,
    assert,
  }) => {
    const studio = await newStudio(client)
    const own = { account_id: studio.id, scope_id: '*', window: 'day' }
    await db.table('limit_rules').multiInsert([
      { ...own, scope: 'org', measure: 'requests', window: 'minute', max: 7 },
      { ...own, scope: 'org', measure: 'credits', max: 2_500_000 },
    ])
    await studio.generated()

    const response = await studio.get('/v1/limits')

    const limits: Body[] = response.body().data
    assert.lengthOf(
      limits.filter(({ scope, measure }) => scope === 'org' && measure === 'requests'),
      1
    )
    assert.containSubset(limits, [
      { scope: 'org', measure: 'requests', limit: '7' },
      { scope: 'org', measure: 'credits', limit: '2.5', used: '0.47187', left: '2.02813' },
    ])
  })
})
