import app from '@adonisjs/core/services/app'
import db from '@adonisjs/lucid/services/db'
import { test } from '@japa/runner'
import { PostgresProviderHealth } from '#adapters/plugins/postgres_provider_health'
import { PluginRegistry } from '#core/plugins/registry'
import type { Classified } from '#core/plugins/model_provider'
import { newSignedInOperator } from '../admin/visitor.js'
import { newPicture, newStudio, type Body } from './studio.js'

/** The one provider whose failures are believed: the sandbox only pretends. */
const PROVIDER = 'local'
const MODEL = 'local/resize'

const health = () => app.container.make(PostgresProviderHealth)

async function breakProvider(message = 'Pay us.') {
  const known = await health()
  known.failed(PROVIDER, { class: 'provider_balance', message })
  await known.written()
}

/** Ends its rest, as time would. */
async function endRest() {
  const past = db.raw(`clock_timestamp() - interval '1 ms'`)
  await db.from('provider_circuits').where({ provider: PROVIDER }).update({ retry_at: past })
  const known = await health()
  await known.stop()
  await known.follow()
}

/** Has the provider answer with these errors, one after the other, and as it does after them. */
async function failing(errors: Classified[], cleanup: (undo: () => void) => void) {
  const registry = await app.container.make(PluginRegistry)
  const provider = registry.provider(registry.find(MODEL)!)
  const { submit, classify } = provider
  cleanup(() => void Object.assign(provider, { submit, classify }))
  provider.submit = (call) => {
    const error = errors.shift()
    return error ? Promise.reject(error) : submit.call(provider, call)
  }
  provider.classify = (raw) => raw as Classified
}

const resizing = async (accountId: string) => ({
  model: MODEL,
  input: { image: await newPicture(accountId), width: 10 },
})

test.group('A provider that does not work', (group) => {
  group.each.teardown(async () => {
    const known = await health()
    await known.close(PROVIDER, 'system:test')
  })

  test('is asked for nothing, before anything is held, and says when to come back', async ({
    client,
    assert,
  }) => {
    const studio = await newStudio(client)
    const body = await resizing(studio.id)
    await breakProvider('Our balance of $0 is used up.')
    const before = await studio.kept()

    const refused = await studio.generate(body)

    refused.assertStatus(503)
    const { error } = refused.body()
    assert.containSubset(error, {
      type: 'api_error',
      code: 'provider_unavailable',
      param: '/model',
      retryable: true,
    })
    const seconds = Number(refused.header('retry-after'))
    assert.isTrue(seconds > 50 && seconds <= 60)
    // What its vendor wants of us is nothing to users.
    assert.notMatch(error.message, /balance/)
    assert.deepEqual(await studio.kept(), before)
    const list = await studio.get('/v1/models')
    const told = list.body().data.find(({ id }: Body) => id === MODEL)
    assert.equal(told.health.state, 'unavailable')
    assert.isString(told.health.retry_at)
    assert.notInclude(list.text(), 'balance')
  })

  test('a repeat of what was accepted is answered nonetheless', async ({ client, assert }) => {
    const studio = await newStudio(client)
    const body = await resizing(studio.id)
    const headers = { 'idempotency-key': 'once' }
    const { id } = await studio.generated(body, headers)
    await breakProvider()

    const again = await studio.generate(body, headers)

    again.assertStatus(200)
    assert.equal(again.body().id, id)
  })

  test('accepted work waits for it, is tried once its rest is over, and closes the circuit', async ({
    client,
    assert,
  }) => {
    const studio = await newStudio(client)
    const body = await resizing(studio.id)
    const known = await health()
    const down: Classified = { class: 'transient_before_accept', message: 'It is down.' }
    for (let n = 0; n < 5; n++) known.failed(PROVIDER, down)
    await known.written()

    const { id } = await studio.accepted(body)
    await new Promise((resolve) => setTimeout(resolve, 1_500))
    const waiting = await studio.until(id, () => true)
    assert.equal(waiting.status, 'queued')
    await endRest()

    const { status } = await studio.until(id, ({ finished_at: at }) => at !== null)
    assert.equal(status, 'succeeded')
    await known.written()
    assert.isNull(known.of(PROVIDER))
  })

  test('an attempt that hears of a wrong key opens the circuit, charges nothing and tells the operator', async ({
    client,
    assert,
    cleanup,
  }) => {
    const studio = await newStudio(client)
    const wrong: Classified = { class: 'provider_auth', message: 'The key is wrong.' }
    await failing([wrong], cleanup)

    const { status, error, cost } = await studio.generated(await resizing(studio.id))

    assert.deepEqual([status, error.code, cost.charged], ['failed', 'provider_auth', '0'])
    const known = await health()
    await known.written()
    assert.equal(known.of(PROVIDER)?.cause, 'provider_auth')
    const { visitor } = await newSignedInOperator()
    const notices = await visitor.get('/admin/notices')
    assert.include(notices.text, 'local is left alone: The key is wrong. Its vendor does not take')
    const models = await visitor.get('/admin/models')
    assert.include(models.text, 'The key is wrong.')

    const closed = await visitor.post('/admin/models/circuit_closing', { provider: PROVIDER })

    assert.equal(closed.location, '/admin/models')
    const after = await visitor.get('/admin/models')
    assert.notInclude(after.text, 'The key is wrong.')
    const fine = await studio.generated(await resizing(studio.id))
    assert.equal(fine.status, 'succeeded')
  })

  test('a full minute puts work back without an attempt', async ({ client, assert, cleanup }) => {
    const studio = await newStudio(client)
    const registry = await app.container.make(PluginRegistry)
    const plugin = registry.plugins.find(({ id }) => id === PROVIDER)!
    cleanup(() => void (plugin.limits = {}))
    plugin.limits = { rpm: 20 }
    const body = await resizing(studio.id)

    const made = await Promise.all(Array.from({ length: 4 }, () => studio.generated(body)))

    for (const { id, status } of made) {
      assert.equal(status, 'succeeded')
      const { attempts } = await studio.receipt(id)
      assert.deepEqual(
        attempts.map((one: Body) => [one.attempt, one.status]),
        [[1, 'succeeded']]
      )
    }
    const times = await db
      .from('job_events')
      .where({ account_id: studio.id, type: 'retrying' })
      .count('* as total')
    assert.isAbove(Number(times[0].total), 0)
  }).timeout(30_000)
})
