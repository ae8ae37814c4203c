import app from '@adonisjs/core/services/app'
import { test } from '@japa/runner'
import { Budgets, type Budget } from '#core/quota/budgets'
import { drawing, newStudio } from './studio.js'

/** A budget over all organisations, for one test. */
async function budget(cleanup: (task: () => Promise<void>) => void, fields: Partial<Budget>) {
  const budgets = await app.container.make(Budgets)
  const whole: Budget = {
    id: 'provider:sandbox',
    measure: 'images',
    window: 'month',
    limit: 0n,
    onExceed: 'refuse',
    ...fields,
  }
  await budgets.set(whole, 'system:test')
  cleanup(async () => void (await budgets.remove(whole, 'system:test')))
}

/** And no figure of the platform. */
const TOLD = ['rule', 'scope', 'measure', 'window', 'needed', 'clears_at']

test.group('Budgets over all organisations', () => {
  test('refuse with the rule, what is needed and when it clears, and no figure of the platform', async ({
    client,
    assert,
    cleanup,
  }) => {
    await budget(cleanup, { window: 'day', limit: 1n })
    const studio = await newStudio(client)
    await studio.generated()

    const refused = await studio.generate(drawing())
    const read = await studio.get(`/v1/refusals/${refused.body().error.refusal_id}`)

    const { error } = refused.body()
    assert.equal(refused.status(), 429)
    assert.containSubset(error, {
      code: 'rate_limited',
      retryable: true,
      limit: {
        rule: 'platform_provider_images_per_day',
        scope: 'platform',
        measure: 'images',
        window: 'day',
        needed: '1',
      },
    })
    assert.include(error.message, "The platform's budget of images per day for provider sandbox")
    assert.sameMembers(Object.keys(error.limit), TOLD)
    assert.isTrue(new Date(error.limit.clears_at).getTime() > Date.now())
    assert.sameMembers(Object.keys(read.body().error.limit), TOLD)
    assert.isAbove(Number(refused.header('retry-after')), 0)
  })

  test('of credits are money: 402', async ({ client, assert, cleanup }) => {
    await budget(cleanup, { id: 'all', measure: 'credits', window: 'total', limit: 1n })
    const studio = await newStudio(client)

    const refused = await studio.generate(drawing())
    const held = await studio.post('/v1/holds').json({ amount: '1', expires_in: 60 })

    for (const answer of [refused, held]) {
      assert.equal(answer.status(), 402)
      assert.containSubset(answer.body().error, {
        code: 'budget_exceeded',
        retryable: false,
        limit: { rule: 'platform_credits_per_total', clears_at: null },
      })
      assert.sameMembers(Object.keys(answer.body().error.limit), TOLD)
    }
  })

  test('with room let pass, and are nothing among the limits of an organisation', async ({
    client,
    assert,
    cleanup,
  }) => {
    await budget(cleanup, { limit: 1000n })
    const studio = await newStudio(client)

    const done = await studio.generated()
    const limits = await studio.get('/v1/limits')

    assert.equal(done.status, 'succeeded')
    assert.isEmpty(
      limits.body().data.filter(({ scope }: { scope: string }) => scope === 'platform')
    )
    const budgets = await app.container.make(Budgets)
    const states = await budgets.list()
    assert.containSubset(states, [{ id: 'provider:sandbox', used: 1n, held: 0n }])
    assert.deepEqual(await studio.violations(), [])
  })

  test('that only observe let pass, and are found among the refusals', async ({
    client,
    assert,
    cleanup,
  }) => {
    await budget(cleanup, { onExceed: 'observe' })
    const studio = await newStudio(client)

    const passed = await studio.generate(drawing())
    const refusals = await studio.get('/v1/refusals')

    assert.equal(passed.status(), 202)
    assert.containSubset(refusals.body().data, [
      { observed: true, error: { limit: { rule: 'platform_provider_images_per_month' } } },
    ])
  })
})
