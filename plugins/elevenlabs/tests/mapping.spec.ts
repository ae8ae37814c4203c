import { inspect } from 'node:util'
import { test } from '@japa/runner'
import { upperPrice } from '#core/prices/price_model'
import { VendorRefusal } from '#core/plugins/vendor_steps'
import { readFile } from '#tests/contracts/model_provider/files'
import { callOf, finish } from '#tests/contracts/model_provider/orders'
import { vendorStand } from '#tests/contracts/model_provider/vendor_stand'
import { plainTerms } from '#tests/plain_terms'
import { classify } from '../mapping.js'
import plugin from '../plugin.js'
import FakeElevenLabs from './fake.js'

const voice = 'JBFqnCBsd6RMkjVDRZzb'

const model = (id: string) => plugin.models.find((one) => one.id === id)!

test.group('ElevenLabs | what it says', () => {
  test('{status} {said} is {expected}')
    .with([
      { status: 400, said: 'max_character_limit_exceeded', expected: 'invalid_input' },
      { status: 401, said: 'invalid_api_key', expected: 'provider_auth' },
      { status: 401, said: 'quota_exceeded', expected: 'provider_balance' },
      { status: 404, said: 'voice_not_found', expected: 'invalid_input' },
      { status: 404, said: 'not_found', expected: 'model_retired' },
      { status: 429, said: 'too_many_concurrent_requests', expected: 'concurrency_full' },
      { status: 429, said: 'system_busy', expected: 'rate_limited' },
      { status: 500, said: 'internal', expected: 'transient_before_accept' },
    ])
    .run(({ assert }, { status, said, expected }) => {
      const body = { detail: { status: said, message: 'a secret text' } }
      const refusal = new VendorRefusal({ vendor: 'ElevenLabs', step: 'submit', status, body })

      const found = classify(refusal)

      assert.deepInclude(found, { class: expected, providerCode: said })
      assert.notInclude(found.message, 'secret')
    })

  test('a list of what does not fit is bad input', ({ assert }) => {
    const body = { detail: [{ loc: ['body', 'seed'], msg: 'too large' }] }
    const refusal = new VendorRefusal({ vendor: 'ElevenLabs', step: 'submit', status: 422, body })

    assert.equal(classify(refusal).class, 'invalid_input')
  })
})

test.group('ElevenLabs | speech', (group) => {
  const fake = new FakeElevenLabs()
  const stand = vendorStand(plugin, fake)
  stand.setup(group)

  test('the format is asked for in the address, and is what comes', async ({ assert }) => {
    const text = 'a'.repeat(150)
    const small = { text, voice, output_format: 'mp3_22050_32' }
    const call = await callOf(model('eleven-v3'), { input: small })

    const { outputs } = await finish(stand.open(), call)

    assert.equal(fake.calls[0].query.toString(), 'output_format=mp3_22050_32')
    const file = await readFile(outputs[0].bytes)
    assert.equal(file.contentType, 'audio/mpeg')
    assert.closeTo(file.durationMs!, 10_000, 50)
  })

  test('costs by the character, of which an emoji is one', async ({ assert }) => {
    const cost = async (id: string, text: string) => {
      const call = await callOf(model(id), { input: { text, voice } })
      return upperPrice(model(id), call, plainTerms(model(id).price)).cost.micro
    }

    assert.equal(await cost('eleven-multilingual-v2', 'a'.repeat(1_000)), 240_000n)
    assert.equal(await cost('eleven-flash-v2.5', 'a'.repeat(1_000)), 120_000n)
    assert.equal(await cost('eleven-v3', '🌊'), 240n)
  })

  test('no error repeats the text', async ({ assert }) => {
    const { provider } = stand.open()
    for (const trouble of ['balance', 'invalid', 'garbled', 'lost', 'empty'] as const) {
      fake.arm(trouble)
      const input = { text: 'a confidential text', voice }

      const work = finish(stand.open(), await callOf(model('eleven-v3'), { input }))

      const error = await work.catch((thrown: unknown) => thrown)
      assert.instanceOf(error, Error, trouble)
      const told = inspect([error, provider.classify(error)], { depth: 9 })
      assert.notInclude(told, 'confidential')
    }
  })
})
