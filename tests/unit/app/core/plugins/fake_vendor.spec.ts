import { test } from '@japa/runner'
import { fakeVendor } from '#core/plugins/fake_vendor'

const inDevelopment = (text: string) =>
  fakeVendor('acme-ai', { environment: { ACME_AI_BASE_URL: text }, production: false })

test.group('Fake vendor', () => {
  test('{0} is asked instead of the vendor, at {1}')
    .with([
      ['http://127.0.0.1:4010', 'http://127.0.0.1:4010'],
      ['http://localhost:4010/', 'http://localhost:4010'],
      ['http://[::1]:4010', 'http://[::1]:4010'],
    ])
    .run(({ assert }, [text, origin]) => {
      assert.equal(inDevelopment(text)?.origin, origin)
    })

  test('{0} stops the boot: a fake is on this machine')
    .with([
      ['https://proxy.example'],
      ['http://10.0.0.7:4010'],
      ['http://127.0.0.1.evil.example'],
      ['nothing'],
    ])
    .run(({ assert }, [text]) => {
      assert.throws(
        () => inDevelopment(text),
        /^Plugin "acme-ai", field "ACME_AI_BASE_URL": it must/
      )
    })

  test('in production it has to be allowed', ({ assert }) => {
    const ACME_AI_BASE_URL = 'http://127.0.0.1:4010'
    const asked = (environment: Record<string, string>) =>
      fakeVendor('acme-ai', { environment: { ACME_AI_BASE_URL, ...environment }, production: true })

    assert.isNull(asked({}))
    assert.isNotNull(asked({ ALLOW_FAKE_VENDORS: 'true' }))
  })

  test('without one the vendor itself is asked', ({ assert }) => {
    assert.isNull(fakeVendor('acme-ai', { environment: {}, production: false }))
  })
})
