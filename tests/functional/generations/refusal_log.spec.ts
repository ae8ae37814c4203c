import app from '@adonisjs/core/services/app'
import db from '@adonisjs/lucid/services/db'
import { test } from '@japa/runner'
import { PostgresRefusalLog } from '#adapters/quota/postgres_refusal_log'
import { Sql } from '#adapters/postgres/sql'
import { newId } from '#core/ids'
import { Credits } from '#core/ledger/credits'
import { RefusalLog, type Refused } from '#core/quota/refusal_log'
import { drawing, newPicture, newStudio, PICTURE } from './studio.js'

const credits = (text: string) => Credits.parse(text)

function refused(options: Partial<Refused> = {}): Refused {
  return {
    accountId: newId('org'),
    refusal: {
      type: 'insufficient_credits',
      needed: credits('2'),
      available: credits('0.5'),
      held: credits('1'),
    },
    model: 'acme/painter',
    kind: 'image',
    keyId: null,
    userId: null,
    endUser: null,
    alternative: null,
    traceId: null,
    ...options,
  }
}

/** A log of another process. */
async function newLog() {
  return new PostgresRefusalLog(await app.container.make(Sql), await app.container.make('logger'))
}

test.group('A refusal', () => {
  test('can be read by its id, with the numbers its caller got', async ({ client, assert }) => {
    const studio = await newStudio(client, { credits: '0.4' })
    const trace = '0af7651916cd43dd8448eb211c80319c'

    const response = await studio.generate(
      { ...drawing(), end_user: 'visitor-7' },
      { traceparent: `00-${trace}-b7ad6b7169203331-01` }
    )
    const { error } = response.body()
    const read = await studio.get(`/v1/refusals/${error.refusal_id}`)

    read.assertStatus(200)
    read.assertBodyContains({
      id: error.refusal_id,
      object: 'refusal',
      status: 402,
      error: { code: 'insufficient_credits', needed: PICTURE, available: '0.4', held: '0' },
      model: 'sandbox/image',
      kind: 'image',
      key: studio.key.id,
      end_user: 'visitor-7',
      times: 1,
      trace_id: trace,
    })
    assert.equal(read.body().error.message, error.message)
  })

  test('is nobody else’s to read, and unknown ones are 404', async ({ client }) => {
    const [studio, other] = [await newStudio(client, { credits: '0' }), await newStudio(client)]
    const response = await studio.generate(drawing())
    const path = `/v1/refusals/${response.body().error.refusal_id}`

    const theirs = await other.get(path)
    const unknown = await studio.get('/v1/refusals/ref_nothing')

    theirs.assertStatus(404)
    unknown.assertStatus(404)
    unknown.assertBodyContains({ error: { code: 'refusal_not_found' } })
  })

  test('repeated within its minute is one record that counts', async ({ client, assert }) => {
    const studio = await newStudio(client, { credits: '0' })

    const answers = await Promise.all([1, 2, 3, 4, 5].map(() => studio.generate(drawing())))

    const ids = new Set(answers.map((answer) => answer.body().error.refusal_id))
    const list = await studio.get('/v1/refusals')
    const total = list.body().data.reduce((sum: number, { times }: any) => sum + times, 0)
    assert.equal(total, 5)
    // Two, if a minute ended in between.
    assert.isAtMost(ids.size, 2)
    assert.sameMembers(
      list.body().data.map(({ id }: any) => id),
      [...ids]
    )
  })

  test('names no other model where none understands the request', async ({ client, assert }) => {
    const studio = await newStudio(client, { credits: '0.4' })

    const response = await studio.generate(drawing())

    // Every other model of pictures needs one to work on.
    assert.isNull(response.body().error.alternative)
  })

  test('names the cheapest model that would have passed', async ({ client, assert }) => {
    const studio = await newStudio(client)
    const image = await newPicture(studio.id, 400, 300)
    const dear = { model: 'local/esrgan-4x', input: { image }, max_credits: '0.000001' }

    const none = await studio.generate(dear)
    const { needed } = none.body().error
    const below = Credits.fromMicro(Credits.parse(needed).micro - 1n).toString()
    const some = await studio.generate({ ...dear, max_credits: below })

    none.assertStatus(402)
    assert.isNull(none.body().error.alternative)
    some.assertStatus(402)
    const { model, credits: price } = some.body().error.alternative
    assert.notEqual(model, 'local/esrgan-4x')
    assert.isTrue(Credits.parse(price).micro <= Credits.parse(below).micro)
  })

  test('lists page by page, and unknown parameters are refused', async ({ client, assert }) => {
    const studio = await newStudio(client, { credits: '0' })
    const image = await newPicture(studio.id)
    await studio.generate(drawing())
    await studio.generate({ model: 'local/esrgan-2x', input: { image } })
    await studio.generate({ model: 'local/esrgan-4x', input: { image } })

    const first = await studio.get('/v1/refusals?limit=2')
    const second = await studio.get(`/v1/refusals?limit=2&cursor=${first.body().next_cursor}`)
    const wrong = await studio.get('/v1/refusals?model=x')

    const models = [...first.body().data, ...second.body().data].map(({ model }: any) => model)
    assert.sameMembers(models, ['sandbox/image', 'local/esrgan-2x', 'local/esrgan-4x'])
    assert.isNull(second.body().next_cursor)
    wrong.assertStatus(400)
    wrong.assertBodyContains({ error: { code: 'invalid_query', param: 'model' } })
  })
})

test.group('The log of refusals', () => {
  test('folds what several processes record of one minute', async ({ assert }) => {
    const [one, other] = [await newLog(), await newLog()]
    const wanted = refused()

    const ids = [one.record(wanted), other.record(wanted), one.record(wanted)]
    await Promise.all([one.flush(), other.flush()])

    const kept = await one.list({ accountId: wanted.accountId, limit: 10 })
    assert.equal(
      kept.reduce((sum, { times }) => sum + times, 0),
      3
    )
    assert.sameMembers(
      kept.map(({ id }) => id),
      [...new Set(ids)]
    )
  })

  test('tells every kind as it was', async ({ assert }) => {
    const log = await newLog()
    const accountId = newId('org')
    const limit = {
      rule: 'key_credits_per_day',
      scope: 'key',
      scopeId: 'key_1',
      measure: 'credits',
      window: 'day',
      limit: 9_007_199_254_740_993n,
      used: 1n,
      held: 2n,
      needed: 3n,
      clearsAt: new Date('2030-01-01T00:00:00Z'),
    } as const
    const kinds: Refused['refusal'][] = [
      refused().refusal,
      { type: 'max_credits_exceeded', needed: credits('3'), limit: credits('1') },
      { type: 'account_in_debt', overdraft: credits('7.25') },
      { type: 'account_closed' },
      { type: 'limit_exceeded', limit, retryAfterSeconds: 12 },
      {
        type: 'limit_exceeded',
        limit: { ...limit, rule: 'x', clearsAt: null },
        retryAfterSeconds: null,
      },
    ]

    for (const refusal of kinds) {
      const alternative = { model: 'acme/pencil', credits: credits('0.1') }
      const id = log.record(refused({ accountId, refusal, alternative }))
      const read = await log.find(accountId, id)
      assert.deepEqual(read!.refusal, refusal)
      assert.deepEqual(read!.alternative, alternative)
    }
  })

  test('forgets what is older than thirty days', async ({ assert }) => {
    const accountId = newId('org')
    const log = await newLog()
    const old = log.record(refused({ accountId }))
    const young = log.record(refused({ accountId, model: 'acme/other' }))
    await log.flush()
    const age = "update refusals set last_at = now() - ? * interval '1 day' where id = ?"
    await db.rawQuery(age, [31, old])
    await db.rawQuery(age, [29, young])

    assert.isAtLeast(await log.forget(), 1)

    assert.isNull(await log.find(accountId, old))
    assert.isNotNull(await log.find(accountId, young))
  })

  test('is written soon, without being asked', async ({ assert }) => {
    const log = await app.container.make(RefusalLog)
    const accountId = newId('org')
    const id = log.record(refused({ accountId }))

    for (let tries = 0; ; tries++) {
      const rows = await db.from('refusals').where({ account_id: accountId, id })
      if (rows.length === 1) break
      assert.isBelow(tries, 200)
      await new Promise((resolve) => setTimeout(resolve, 25))
    }
  })
})
