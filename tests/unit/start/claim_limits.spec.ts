import { test } from '@japa/runner'
import type { Circuit, ProviderHealth } from '#core/plugins/provider_health'
import type { ProviderPace } from '#core/plugins/provider_pace'
import type { RegisteredPlugin } from '#core/plugins/registry'
import limits from '#config/queue'
import { makeClaimLimits, makeProviderRoom } from '#start/claim_limits'

const plugin = (id: string, options: Partial<RegisteredPlugin> = {}): RegisteredPlugin => ({
  ...{ id, title: id, state: 'on', missing: [], limits: {}, models: [] },
  ...options,
})

const circuit = (provider: string, ms: number) =>
  ({ provider, retryAt: new Date(Date.now() + ms) }) as Circuit

function limitsOf(plugins: RegisteredPlugin[], open: Circuit[] = [], full: string[] = []) {
  const health = { open: () => open } as ProviderHealth
  const pace = { full: () => full } as ProviderPace
  return makeClaimLimits([], makeProviderRoom(plugins, health, pace))()
}

test.group('Claim limits by provider', () => {
  test('what no plugin declares, and no configuration says, has none', ({ assert }) => {
    assert.containSubset(limitsOf([plugin('acme')]), { providers: {}, unavailable: [] })
    assert.deepEqual(limitsOf([plugin('acme')]).providers, {})
  })

  test('as many jobs as a plugin declares, where it can be used at all', ({ assert }) => {
    const plugins = [
      plugin('acme', { limits: { concurrency: 24 } }),
      plugin('zeta', { limits: { concurrency: 3 }, state: 'unconfigured' }),
    ]

    assert.deepEqual(limitsOf(plugins).providers, { acme: 24 })
  })

  test('the configuration comes before the plugin', ({ assert, cleanup }) => {
    const providers = limits.providers as Record<string, number>
    cleanup(() => void delete providers.acme)
    providers.acme = 2

    assert.deepEqual(limitsOf([plugin('acme', { limits: { concurrency: 24 } })]).providers, {
      acme: 2,
    })
  })

  test('one that rests, or whose minute is full, gets nothing; one that is tried gets one', ({
    assert,
  }) => {
    const found = limitsOf(
      [plugin('tried', { limits: { concurrency: 24 } })],
      [circuit('resting', 10_000), circuit('tried', -1)],
      ['full']
    )

    assert.deepEqual(found.unavailable, ['resting', 'full'])
    assert.deepEqual(found.providers, { tried: 1 })
  })

  test('one that the configuration gives no place is not even tried', ({ assert, cleanup }) => {
    const providers = limits.providers as Record<string, number>
    cleanup(() => void delete providers.acme)
    providers.acme = 0

    assert.deepEqual(limitsOf([plugin('acme')], [circuit('acme', -1)]).providers, { acme: 0 })
  })
})
