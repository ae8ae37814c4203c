import db from '@adonisjs/lucid/services/db'
import { test } from '@japa/runner'
import { newOrganisation } from '#tests/factories'
import { askedBatch, batchOnce } from './asked_batch.js'
import { newSignedInOperator } from './visitor.js'

const hasEnded = ({ finishedAt }: { finishedAt: Date | null }) => finishedAt !== null

test.group('Batches in the console', (group) => {
  group.each.timeout(30_000)

  test('are listed by state and organisation, a page at a time', async ({ assert }) => {
    const { organisation } = await newOrganisation()
    const ids: string[] = []
    for (let n = 0; n < 26; n++) {
      ids.push(await askedBatch({ accountId: organisation.id, prompts: ['a hill'] }))
    }
    for (const id of ids) await batchOnce(organisation.id, id, hasEnded)
    const { visitor } = await newSignedInOperator()
    const path = `/admin/batches?state=completed&organisation=${organisation.id}`

    const newest = await visitor.get(path)
    const before = /href="([^"]*before=bat_[^"]*)"/.exec(newest.html)![1]
    const older = await visitor.get(before.replaceAll('&amp;', '&'))
    const none = await visitor.get(`/admin/batches?state=paused&organisation=${organisation.id}`)
    const odd = await visitor.get(`/admin/batches?state=nonsense&before=%00&organisation=%00`)

    const shown = [newest, older].map(({ html }) => ids.filter((id) => html.includes(id)).length)
    assert.deepEqual(shown, [25, 1])
    assert.include(older.html, ids[0])
    assert.include(newest.text, '1 of 1')
    assert.include(none.text, 'Nothing matches')
    assert.equal(odd.status, 200)
  })

  test('show what came of them, by item and by reason, and link both ways', async ({ assert }) => {
    const { organisation } = await newOrganisation()
    const id = await askedBatch({
      accountId: organisation.id,
      prompts: ['a hill', 'fail:moderation', 'a lake', 'a pond'],
      budget: '1',
    })
    await batchOnce(organisation.id, id, hasEnded)
    const made = await db.from('generations').where({ batch_id: id }).orderBy('id').firstOrFail()
    const { visitor } = await newSignedInOperator()

    const page = await visitor.get(`/admin/batches/${id}`)
    const skipped = await visitor.get(`/admin/batches/${id}?status=skipped`)
    const behind = await visitor.get(`/admin/batches/${id}?after=2`)
    const generation = await visitor.get(`/admin/generations/${made.id}`)

    assert.include(page.text, 'completed')
    assert.match(page.text, /Charged 0 \.94374 2 outputs delivered/)
    assert.match(page.text, /Left of the budget 0 \.05626 of 1\.00 credits/)
    assert.match(page.text, /blocked_input failed 1/)
    assert.match(page.text, /budget never started 1/)
    assert.include(page.html, `/admin/generations/${made.id}`)
    assert.notInclude(page.html, 'cancellation')
    assert.match(skipped.text, /4\. sandbox\/image skipped What was left of the budget/)
    assert.notInclude(skipped.text, '1. sandbox/image')
    assert.notInclude(behind.text, '3. sandbox/image')
    assert.include(behind.text, '4. sandbox/image')
    assert.include(generation.html, `/admin/batches/${id}`)
  })

  test('that lack credits say what they wait for, and are canceled once', async ({ assert }) => {
    const { organisation } = await newOrganisation({ credits: '0.5' })
    const id = await askedBatch({ accountId: organisation.id, prompts: ['a hill', 'a lake'] })
    await batchOnce(organisation.id, id, ({ state }) => state === 'paused')
    const { visitor } = await newSignedInOperator()
    const path = `/admin/batches/${id}`

    const paused = await visitor.get(path)
    const refusal = /href="(\/admin\/refusals\/[^"]+)"/.exec(paused.html)![1]
    const why = await visitor.get(refusal)
    const canceled = await visitor.post(`${path}/cancellation`)
    const told = await visitor.get(path)
    const ended = await batchOnce(organisation.id, id, hasEnded)
    await visitor.post(`${path}/cancellation`)
    const again = await visitor.get(path)

    assert.include(paused.text, 'Paused: The next item needs 0.47187 credits')
    assert.include(paused.html, 'data-confirm="Cancel this batch?')
    assert.include(why.text, 'Not enough credits')
    assert.equal(canceled.location, path)
    assert.include(told.text, 'Nothing more of the batch is started')
    assert.equal(ended.state, 'canceled')
    assert.include(again.text, 'It had ended before')
    assert.notInclude(again.html, 'data-confirm="Cancel this batch?')
  })

  test('of an id that there is not are not found, to be seen or canceled', async ({ assert }) => {
    const { visitor } = await newSignedInOperator()

    const seen = await visitor.get('/admin/batches/bat_nobody')
    const canceled = await visitor.post('/admin/batches/bat_nobody/cancellation')

    assert.deepEqual([seen.status, canceled.status], [404, 404])
  })
})
