import app from '@adonisjs/core/services/app'
import db from '@adonisjs/lucid/services/db'
import type { ApiClient } from '@japa/api-client'
import { test } from '@japa/runner'
import type { Classified } from '#core/plugins/model_provider'
import { PluginRegistry } from '#core/plugins/registry'
import { Suspensions } from '#core/plugins/suspensions'
import { drawing, newPicture, newStudio, type Body } from './studio.js'

const MODELS = ['local/esrgan-2x', 'local/esrgan-3x']
const BROKE: Classified = { class: 'provider_failed', message: 'It broke.' }

/** Has the provider refuse some models, each with an error of its own. */
async function failing(errors: Record<string, Classified>, cleanup: (undo: () => void) => void) {
  const registry = await app.container.make(PluginRegistry)
  const provider = registry.provider(registry.find(MODELS[0])!)
  const { submit, classify } = provider
  cleanup(() => void Object.assign(provider, { submit, classify }))
  provider.submit = (call) => {
    const error = errors[`local/${call.model}`]
    return error ? Promise.reject(error) : submit.call(provider, call)
  }
  provider.classify = (raw) => raw as Classified
}

async function enlarging(client: ApiClient) {
  const studio = await newStudio(client)
  const input = { image: await newPicture(studio.id, 16, 12) }
  const body: Body = { models: MODELS, input }
  const one = async (model: string) => {
    const quote = await studio.post('/v1/quotes').json({ model, input })
    return quote.body().ceiling
  }
  return { studio, input, body, ceilings: [await one(MODELS[0]), await one(MODELS[1])] }
}

async function eventsOf(id: string) {
  const rows = await db
    .from('job_events')
    .where('job_id', id.replace('gen_', 'job_'))
    .orderBy('seq')
  return rows.map(({ type, data }) => ({ type, ...data }))
}

test.group('Several models for one generation', () => {
  test('the first that delivers is paid for, and the hold covers the dearest', async ({
    client,
    assert,
    cleanup,
  }) => {
    const { studio, body, ceilings } = await enlarging(client)
    await failing({ [MODELS[0]]: BROKE }, cleanup)

    const generation = await studio.generated(body)

    assert.containSubset(generation, { status: 'succeeded', model: MODELS[1], models: MODELS })
    assert.equal(generation.outputs[0].width, 48)
    const receipt = await studio.receipt(generation.id)
    const dearest = ceilings.map(Number).sort((a, b) => b - a)[0]
    assert.equal(Number(receipt.hold.amount), dearest)
    assert.equal(receipt.charged, ceilings[1])
    assert.deepEqual(
      receipt.attempts.map((one: Body) => [one.attempt, one.model, one.status, one.error]),
      [
        [1, MODELS[0], 'failed', 'provider_failed'],
        [2, MODELS[0], 'failed', 'provider_failed'],
        [3, MODELS[1], 'succeeded', null],
      ]
    )
    const events = await eventsOf(generation.id)
    const told = events.find(({ type }) => type === 'fell_back')
    assert.containSubset(told, { from: MODELS[0], to: MODELS[1], error: { class: BROKE.class } })
    assert.deepEqual(await studio.violations(), [])
  })

  test('a first that delivers is all there is', async ({ client, assert }) => {
    const { studio, body, ceilings } = await enlarging(client)

    const generation = await studio.generated(body)

    assert.containSubset(generation, { status: 'succeeded', model: MODELS[0], models: MODELS })
    assert.equal(generation.cost.charged, ceilings[0])
    assert.deepEqual(await studio.violations(), [])
  })

  test('who named others does not wait for a full one', async ({ client, assert, cleanup }) => {
    const { studio, body } = await enlarging(client)
    const full: Classified = { class: 'rate_limited', message: 'Slower.', retryAfterMs: 3_600_000 }
    await failing({ [MODELS[0]]: full }, cleanup)

    const generation = await studio.generated(body)

    assert.containSubset(generation, { status: 'succeeded', model: MODELS[1] })
  })

  test('an error that others would repeat is the end', async ({ client, assert, cleanup }) => {
    const { studio, body } = await enlarging(client)
    await failing({ [MODELS[0]]: { class: 'blocked_input', message: 'No.' } }, cleanup)

    const generation = await studio.generated(body)

    assert.containSubset(generation, {
      status: 'failed',
      model: MODELS[0],
      error: { code: 'blocked_input' },
      cost: { charged: '0' },
    })
  })

  test('where none delivers, the last says why and nothing is charged', async ({
    client,
    assert,
    cleanup,
  }) => {
    const { studio, body } = await enlarging(client)
    const empty: Classified = { class: 'no_output', message: 'Nothing came.' }
    await failing({ [MODELS[0]]: BROKE, [MODELS[1]]: empty }, cleanup)

    const generation = await studio.generated(body)

    assert.containSubset(generation, {
      status: 'failed',
      model: MODELS[1],
      error: { code: 'no_output' },
      cost: { charged: '0' },
    })
    const { attempts, returned, hold } = await studio.receipt(generation.id)
    assert.lengthOf(attempts, 4)
    assert.equal(returned, hold.amount)
    assert.deepEqual(await studio.violations(), [])
  })

  test('what a vendor bills for one that did not deliver is ours', async ({
    client,
    assert,
    cleanup,
  }) => {
    const { studio, body } = await enlarging(client)
    const billed: Classified = { class: 'quota_daily', message: 'Enough.', usage: { outputs: 1 } }
    await failing({ [MODELS[0]]: billed }, cleanup)

    const generation = await studio.generated(body)

    assert.equal(generation.status, 'succeeded')
    const { losses, charged } = await studio.receipt(generation.id)
    assert.containSubset(losses, [{ kind: 'fallback', attempt: 1, assumed: false }])
    assert.lengthOf(losses, 1)
    assert.equal(charged, generation.cost.charged)
    assert.deepEqual(await studio.violations(), [])
  })

  test('those that cannot be asked now are passed over; with none left it says so', async ({
    client,
    assert,
    cleanup,
  }) => {
    const { studio, body } = await enlarging(client)
    const suspensions = await app.container.make(Suspensions)
    const { of: known } = suspensions
    cleanup(() => void (suspensions.of = known))
    const suspended = new Set([MODELS[0]])
    suspensions.of = (model) => (suspended.has(model) ? { model, since: new Date() } : null)

    const generation = await studio.generated(body)
    assert.containSubset(generation, { status: 'succeeded', model: MODELS[1], models: null })

    suspended.add(MODELS[1])
    const before = await studio.kept()
    const refused = await studio.generate(body)
    refused.assertStatus(503)
    assert.containSubset(refused.body().error, { code: 'model_suspended', param: '/models/0' })
    assert.deepEqual(await studio.kept(), before)
  })

  test('{title} is refused before anything is held')
    .with([
      {
        title: 'a model beside the models',
        change: (body: Body) => ({ ...body, model: MODELS[0] }),
        error: { code: 'unknown_field', param: '/model' },
      },
      {
        title: 'a model twice',
        change: (body: Body) => ({ ...body, models: [MODELS[0], MODELS[0]] }),
        error: { code: 'invalid_parameter', param: '/models' },
      },
      {
        title: 'no model at all',
        change: (body: Body) => ({ ...body, models: [] }),
        error: { code: 'invalid_parameter', param: '/models' },
      },
      {
        title: 'one that does not exist',
        change: (body: Body) => ({ ...body, models: [MODELS[0], 'local/nothing'] }),
        error: { code: 'model_not_found', param: '/models/1' },
      },
      {
        title: 'one that makes something else',
        change: (body: Body) => ({
          models: [MODELS[0], 'local/resize'],
          input: { image: body.input.image },
        }),
        error: { code: 'fallback_mismatch', param: '/models/1' },
      },
      {
        title: 'an input that the second does not take',
        change: (body: Body) => ({ ...body, models: [MODELS[0], 'sandbox/image'] }),
        error: { code: 'missing_field', param: '/input/prompt' },
      },
      {
        title: 'a quote',
        change: (body: Body) => ({ ...body, quote_id: 'quo_1' }),
        error: { code: 'invalid_parameter', param: '/quote_id' },
      },
    ])
    .run(async ({ client, assert }, { change, error }) => {
      const { studio, body } = await enlarging(client)
      const before = await studio.kept()

      const refused = await studio.generate(change(body))

      assert.isAtLeast(refused.status(), 400)
      assert.isBelow(refused.status(), 500)
      assert.containSubset(refused.body().error, error)
      assert.deepEqual(await studio.kept(), before)
    })

  test('one model leaves no trace of it', async ({ client, assert }) => {
    const studio = await newStudio(client)

    const { id, models } = await studio.accepted(drawing())

    assert.isNull(models)
    const job = await db.from('jobs').where('id', id.replace('gen_', 'job_')).first()
    assert.deepEqual(job.payload, { generation: id })
  })
})
