import db from '@adonisjs/lucid/services/db'
import { test } from '@japa/runner'
import { newId } from '#core/ids'
import { newStudio } from '#tests/functional/generations/studio'
import { newSignedInOperator } from '#tests/functional/admin/visitor'

const DAY = 86_400_000

/** Past usage of so many credits a day. The books of the account are not touched by it. */
async function spentDaily(accountId: string, days: number, credits: number) {
  const events = Array.from({ length: days }, (_, n) => {
    const at = new Date(Date.now() - (n + 1) * DAY)
    return {
      account_id: accountId,
      job_id: newId('job'),
      attempt: 1,
      job_created_at: at,
      provider: 'past',
      model: 'past/model',
      kind: 'image',
      status: 'succeeded',
      units: '{}',
      vendor_cost_micro_usd: 0,
      price_micro: credits * 1_000_000,
      duration_ms: 1,
      created_at: at,
    }
  })
  await db.table('usage_events').multiInsert(events)
}

const daysUntil = (instant: string) => (Date.parse(instant) - Date.now()) / DAY

test.group('The forecast of a balance', () => {
  test('is told when it is asked for, and says when there is too little to tell', async ({
    client,
    assert,
  }) => {
    const studio = await newStudio(client)

    const plain = await studio.get('/v1/balance')
    const asked = await studio.get('/v1/balance?forecast=true')

    assert.notProperty(plain.body(), 'forecast')
    assert.deepEqual(asked.body().forecast, {
      object: 'forecast',
      status: 'not_enough_data',
      based_on_days: 0,
      with_added: null,
      credits_per_day: null,
      exhausted_at: null,
    })
  })

  test('tells when the credits run out, and when with more', async ({ client, assert }) => {
    const studio = await newStudio(client, { credits: '100' })
    await spentDaily(studio.id, 28, 5)

    const told = await studio.get('/v1/balance?forecast=true')
    const toldMore = await studio.get('/v1/balance?forecast=true&add=50')

    const { forecast } = told.body()
    const more = toldMore.body().forecast

    assert.deepEqual(forecast.credits_per_day, { slow: '5.00', usual: '5.00', fast: '5.00' })
    assert.approximately(daysUntil(forecast.exhausted_at.likely), 20, 0.1)
    assert.equal(more.with_added, '50')
    assert.approximately(daysUntil(more.exhausted_at.likely), 30, 0.1)
  })

  test('is refused with {query}')
    .with([
      { query: 'forecast=maybe', param: 'forecast' },
      { query: 'add=5', param: 'add' },
      { query: 'forecast=true&add=0', param: 'add' },
      { query: 'forecast=true&add=-5', param: 'add' },
      { query: 'forecast=true&add=lots', param: 'add' },
    ])
    .run(async ({ client, assert }, { query, param }) => {
      const studio = await newStudio(client)

      const response = await studio.get(`/v1/balance?${query}`)

      response.assertStatus(400)
      assert.containSubset(response.body().error, { code: 'invalid_query', param })
    })

  test('stands on the page of the organisation, with what if', async ({ client, assert }) => {
    const studio = await newStudio(client, { credits: '100' })
    const { visitor } = await newSignedInOperator()
    const page = `/admin/organisations/${studio.id}`
    const young = await visitor.get(page)
    assert.include(young.text, 'Not enough data')
    await spentDaily(studio.id, 28, 5)

    const shown = await visitor.get(page)
    const more = await visitor.get(`${page}?add=5000`)

    assert.include(shown.text, 'Likely until')
    assert.include(shown.text, '5.00 credits a day')
    assert.include(more.text, 'Longer than a year')
    assert.include(more.text, 'with 5,000.00 credits more')
  })
})
