import app from '@adonisjs/core/services/app'
import db from '@adonisjs/lucid/services/db'
import { test } from '@japa/runner'
import { newId } from '#core/ids'
import { Suspensions } from '#core/plugins/suspensions'
import { newSignedInOperator } from '#tests/functional/admin/visitor'
import { newPicture, newStudio } from './studio.js'

const MODEL = 'local/resize'

/** A job of the model that cost more than was held. */
async function overrun(accountId: string) {
  const jobId = newId('job')
  await db.table('generations').insert({
    ...{ account_id: accountId, id: newId('gen'), job_id: jobId, model: MODEL, provider: 'local' },
    ...{ kind: 'edit', requested: 1, outcome: 'succeeded', created_at: new Date() },
  })
  await db.table('losses').insert({
    ...{ account_id: accountId, job_id: jobId, attempt: 1, kind: 'overrun', price_micro: 1 },
    ...{ vendor_cost_micro_usd: 1, created_at: new Date() },
  })
}

test.group('A model that costs more than was held', () => {
  test('is off sale at the third time, before anything is held, until an operator lifts it', async ({
    client,
    assert,
    cleanup,
  }) => {
    const studio = await newStudio(client)
    const suspensions = await app.container.make(Suspensions)
    cleanup(async () => void (await suspensions.lift(MODEL, 'system:test')))
    const body = { model: MODEL, input: { image: await newPicture(studio.id), width: 10 } }
    for (let times = 1; times < 3; times++) {
      await overrun(studio.id)
      assert.isNull(await suspensions.overran(MODEL))
    }

    await overrun(studio.id)
    const all = await Promise.all([1, 2, 3].map(() => suspensions.overran(MODEL)))

    assert.isTrue(all.some((one) => one?.model === MODEL))
    const before = await studio.kept()
    const refused = await studio.generate(body)
    refused.assertStatus(503)
    assert.containSubset(refused.body().error, { code: 'model_suspended', param: '/model' })
    assert.deepEqual(await studio.kept(), before)
    const list = await studio.get('/v1/models')
    const told = list.body().data.find(({ id }: { id: string }) => id === MODEL)
    assert.isString(told.suspended_since)

    const { visitor } = await newSignedInOperator()
    const suspended = await visitor.get('/admin/models')
    assert.include(suspended.text, 'suspended')
    const lifted = await visitor.post('/admin/models/suspension_lift', { model: MODEL })

    assert.equal(lifted.location, '/admin/models')
    assert.isNull(await suspensions.overran(MODEL))
    const after = await visitor.get('/admin/models')
    assert.notInclude(after.text, 'suspended')
    const accepted = await studio.generate(body)
    accepted.assertStatus(202)
  })
})
