import { test } from '@japa/runner'
import { asJson, callOf, finish, stationOf } from '#tests/contracts/model_provider/orders'
import { vendorStand } from '#tests/contracts/model_provider/vendor_stand'
import plugin from '../plugin.js'
import FakeBytePlus from './fake.js'

const model = plugin.models.find(({ id }) => id === 'seedance-1-0-pro')!
const order = (slow: string) => ({ input: { prompt: `waves slow:${slow}`, resolution: '480p' } })

test.group('BytePlus | a film that is called back', (group) => {
  const { fake, open, setup } = vendorStand(plugin, new FakeBytePlus())
  setup(group)
  const station = stationOf(group, open)

  async function begun(slow: string) {
    const call = await callOf(model, order(slow))
    const accepted = await station().provider.submit(call)
    if (accepted.status !== 'pending') throw new Error('It was done at once.')
    return { call, accepted: asJson(accepted) }
  }

  test('is stopped while it waits', async ({ assert }) => {
    const { call, accepted } = await begun('5s')

    await station().provider.cancel(call, accepted.handle)

    const work = finish(station(), call, accepted)
    const thrown = await work.then(
      () => null,
      (error: unknown) => error
    )
    assert.equal(station().provider.classify(thrown).class, 'canceled')
  })

  test('goes on once it runs, and that is no error', async ({ assert }) => {
    const { call, accepted } = await begun('140ms')

    await station().provider.cancel(call, accepted.handle)

    const { outputs } = await finish(station(), call, accepted)
    assert.lengthOf(outputs, 1)
  })

  test('is not taken for stopped where nobody answered', async ({ assert }) => {
    const { call, accepted } = await begun('5s')
    fake.arm('server', { at: 'cancel' })

    await assert.rejects(() => station().provider.cancel(call, accepted.handle), /status 503/)
  })
})
