import app from '@adonisjs/core/services/app'
import { test } from '@japa/runner'
import { Notices } from '#core/notices/notices'
import { Quota } from '#core/quota/quota'
import type { OwnRule } from '#core/quota/limit_rule'
import { drawing, newStudio, type Body } from './studio.js'

async function rule(accountId: string, fields: Partial<OwnRule>) {
  const quota = await app.container.make(Quota)
  const whole = {
    scope: 'org',
    scopeId: '*',
    measure: 'requests',
    window: 'day',
    limit: 1n,
    onExceed: 'refuse',
    ...fields,
  } as OwnRule
  await quota.setRule(accountId, whole, 'system:test')
}

test.group('Beyond a limit', () => {
  test('that lets wait, a generation is accepted, says what it waits for, and runs in the end', async ({
    client,
    assert,
  }) => {
    const studio = await newStudio(client)
    await rule(studio.id, { measure: 'concurrency', window: 'total', onExceed: 'queue' })
    const first = await studio.accepted(drawing({ prompt: 'slow:60s' }))

    const second = await studio.accepted()
    const limits = await studio.get('/v1/limits')
    const waiting = {
      rule: 'org_concurrency_per_total',
      scope: 'org',
      scope_id: studio.id,
      measure: 'concurrency',
      window: 'total',
      until: null,
    }
    const read = await studio.get(`/v1/generations/${second.id}`)
    await studio.post(`/v1/generations/${first.id}/cancel`)
    const done = await studio.until(second.id, ({ status }) => status === 'succeeded')

    assert.deepEqual([first.waiting, second.waiting], [null, waiting])
    assert.containSubset(read.body(), { status: 'queued', waiting, started_at: null })
    assert.containSubset(limits.body().data, [
      { measure: 'concurrency', on_exceed: 'queue', held: '1', waiting: '1', left: '0' },
    ])
    assert.isNull(done.waiting)
    assert.deepEqual(await studio.violations(), [])
  })

  test('that only observes, it passes; refusals and a notice tell of it', async ({
    client,
    assert,
  }) => {
    const studio = await newStudio(client)
    await rule(studio.id, { onExceed: 'observe', limit: 1n })

    await studio.generated()
    await studio.generated()

    const refusals = await studio.get('/v1/refusals')
    const notices = await app.container.make(Notices)
    notices.look(studio.id)
    await notices.flush()
    const told = await notices.list({ accountId: studio.id, limit: 10 })
    assert.containSubset(refusals.body().data, [
      { observed: true, times: 1, error: { limit: { rule: 'org_requests_per_day', used: '1' } } },
    ])
    assert.deepEqual(
      told.filter(({ facts }) => facts.type === 'limit_observed').map(({ facts }) => facts as Body),
      [
        {
          type: 'limit_observed',
          scope: 'org',
          scopeId: studio.id,
          measure: 'requests',
          window: 'day',
          limit: 1n,
        },
      ]
    )
  })
})
