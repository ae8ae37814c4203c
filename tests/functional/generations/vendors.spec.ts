import app from '@adonisjs/core/services/app'
import { test } from '@japa/runner'
import { PluginRegistry } from '#core/plugins/registry'
import { acme, FakeAcme } from '#tests/contracts/small_vendor/acme'
import { PLAIN_TOOLS } from '#tests/plain_tools'
import { attachVendor } from './attached_vendor.js'
import { newStudio } from './studio.js'

const painting = (prompt = 'a boat') => ({ model: 'acme/painter', input: { prompt } })

test.group('A model of a vendor, through the API', () => {
  test('is submitted, polled, fetched, charged and kept', async ({ client, assert, cleanup }) => {
    const fake = new FakeAcme()
    await attachVendor(acme, fake, cleanup)
    const studio = await newStudio(client)

    const { id, status, outputs, cost } = await studio.generated(painting())

    assert.deepEqual([status, outputs.length, outputs[0].width], ['succeeded', 1, 32])
    assert.lengthOf(fake.callsTo('submit'), 1)
    const receipt = await studio.receipt(id)
    assert.equal(receipt.charged, cost.charged)
    assert.notEqual(cost.charged, '0')
    assert.deepEqual(await studio.violations(), [])
  })

  test('an answer that is lost is not asked for again: nothing is charged, and all of it may be our loss', async ({
    client,
    assert,
    cleanup,
  }) => {
    const fake = new FakeAcme()
    await attachVendor(acme, fake, cleanup)
    const studio = await newStudio(client)
    fake.arm('lost')

    const { id, status, error, cost } = await studio.generated(painting())

    assert.deepEqual([status, error.code, cost.charged], ['failed', 'outcome_unknown', '0'])
    assert.lengthOf(fake.callsTo('submit'), 1)
    const { losses, hold } = await studio.receipt(id)
    assert.deepEqual(losses, [{ kind: 'unknown', attempt: 1, price: hold.amount, assumed: true }])
    assert.deepEqual(await studio.violations(), [])
  })

  test('work that is done after its deadline was given up, and charges nothing', async ({
    client,
    assert,
    cleanup,
  }) => {
    const fake = new FakeAcme()
    await attachVendor(acme, fake, cleanup)
    const studio = await newStudio(client)
    const deadline = new Date(Date.now() + 1_000).toISOString()

    const { id, status, error, cost } = await studio.generated({
      ...painting('a boat slow:1500ms'),
      deadline,
    })
    await new Promise((resolve) => setTimeout(resolve, 1_000))

    assert.deepEqual([status, error.code, cost.charged], ['expired', 'deadline', '0'])
    const later = await studio.until(id, () => true)
    assert.deepEqual([later.status, later.outputs], ['expired', []])
    assert.lengthOf(fake.callsTo('submit'), 1)
    assert.deepEqual(await studio.violations(), [])
  })

  test('without its key it is said to be not set up', async ({ client, assert, cleanup }) => {
    const { plugins } = await app.container.make(PluginRegistry)
    const keyless = new PluginRegistry({
      ...{ plugins: [acme], environment: {}, production: false, enabled: [] },
      ...PLAIN_TOOLS,
    }).plugins
    plugins.push(...keyless)
    cleanup(() => void plugins.splice(-1))
    const studio = await newStudio(client)

    const response = await studio.generate(painting())

    response.assertStatus(404)
    assert.include(response.body().error.message, '"acme/painter" is not set up here')
  })

  test('from the day it is switched off it is refused before anything is held', async ({
    client,
    assert,
    cleanup,
  }) => {
    const [model] = acme.models
    const lifecycle = { ...model.lifecycle, shutdownAt: '2030-05-01', replacement: 'sandbox/image' }
    const ending = { ...acme, models: [{ ...model, lifecycle }] }
    const fake = new FakeAcme()
    let now = new Date('2030-04-30T23:59:59Z')
    await attachVendor(ending, fake, cleanup, () => now)
    const studio = await newStudio(client)

    const { status } = await studio.generated(painting())
    assert.equal(status, 'succeeded')
    const list = await studio.get('/v1/models/acme/painter')
    assert.equal(list.body().lifecycle.state, 'deprecated')
    const before = await studio.kept()
    now = new Date('2030-05-01T00:00:00Z')

    const refused = await studio.generate(painting())
    refused.assertStatus(422)
    assert.containSubset(refused.body().error, { code: 'model_retired', param: '/model' })
    assert.match(refused.body().error.message, /since 2030-05-01. Use sandbox\/image instead/)
    assert.deepEqual(await studio.kept(), before)
    assert.lengthOf(fake.callsTo('submit'), 1)
  })
})
