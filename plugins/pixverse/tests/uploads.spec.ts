import { test } from '@japa/runner'
import { callOf, finish, stationOf } from '#tests/contracts/model_provider/orders'
import { vendorStand } from '#tests/contracts/model_provider/vendor_stand'
import { picture } from '#tests/fakes/vendor/media'
import plugin from '../plugin.js'
import FakePixVerse from './fake.js'

const photo = await picture({ width: 640, height: 360 }, 'jpeg')
const [model] = plugin.models
const order = {
  input: { prompt: 'it sails off', quality: '360p' },
  references: { image: photo },
}

test.group('PixVerse | a film that begins with a picture', (group) => {
  const { fake, open, setup } = vendorStand(plugin, new FakePixVerse())
  setup(group)
  const station = stationOf(group, open)

  test('uploads it, and begins with the number it was given', async ({ assert }) => {
    await finish(station(), await callOf(model, order))

    const [upload, ...more] = fake.callsTo('prepare')
    assert.lengthOf(more, 0)
    const [[name, file]] = await upload.form()
    assert.equal(name, 'image')
    if (typeof file === 'string') throw new Error('It is no file.')
    assert.equal(file.contentType, 'image/jpeg')
    assert.deepEqual(new Uint8Array(file.bytes), new Uint8Array(photo))
    const [submit] = fake.callsTo('submit')
    const { img_id: id, ...rest } = submit.json()
    assert.isNumber(id)
    assert.deepEqual(rest, { model: 'v6', prompt: 'it sails off', quality: '360p', duration: 5 })
  })

  test('gives each request a name of its own', async ({ assert }) => {
    await finish(station(), await callOf(model, order))

    const asked = fake.calls.filter(({ step }) => step !== null)
    const traces = new Set(asked.map(({ headers }) => headers['ai-trace-id']))
    assert.isAtLeast(asked.length, 3)
    assert.equal(traces.size, asked.length)
  })

  for (const trouble of ['lost', 'garbled', 'server'] as const) {
    test(`an upload that is "${trouble}" has begun no film, and may be tried again`, async ({
      assert,
    }) => {
      fake.arm(trouble, { at: 'prepare' })
      const thrown = await callOf(model, order)
        .then((call) => station().provider.submit(call))
        .catch((error: unknown) => error)

      assert.equal(station().provider.classify(thrown).class, 'transient_before_accept')
      assert.lengthOf(fake.callsTo('submit'), 0)
    })
  }
})
