import app from '@adonisjs/core/services/app'
import { test } from '@japa/runner'
import { newOrganisation } from '#tests/factories'
import { generated, started } from './generated.js'
import { newSignedInOperator } from './visitor.js'

const ids = (html: string) => [...new Set(html.match(/gen_[a-z0-9]{26}/g) ?? [])]

/** Pretends that a generation was asked for on another day. */
async function moveTo(day: string, id: string) {
  const db = await app.container.make('lucid.db')
  await db
    .from('generations')
    .where('id', id)
    .update({ created_at: `${day}T12:00:00Z` })
}

test.group('The list of generations', () => {
  test('shows what {title}')
    .with([
      { title: 'has a status', query: 'status=failed', expected: ['failed'] },
      { title: 'is of a model', query: 'model=sandbox/video', expected: ['video'] },
      {
        title: 'is of a provider',
        query: 'provider=sandbox',
        expected: ['failed', 'video', 'picture'],
      },
      { title: 'is of no provider of that name', query: 'provider=local', expected: [] },
      {
        title: 'is of days, both included',
        query: 'from=2026-01-10&to=2026-01-11',
        expected: ['video', 'picture'],
      },
      {
        title: 'fits several filters at once',
        query: 'status=succeeded&to=2026-01-10',
        expected: ['picture'],
      },
      {
        title: 'there is, where a filter makes no sense',
        query: 'status=nonsense&from=yesterday',
        expected: ['failed', 'video', 'picture'],
      },
    ])
    .run(async ({ assert }, { query, expected }) => {
      const { organisation } = await newOrganisation()
      const [picture, video, failed] = [
        await generated(organisation.id),
        await generated(organisation.id, 'a hill', 'sandbox/video'),
        await generated(organisation.id, 'fail:moderation'),
      ]
      const made: Record<string, string> = {
        picture: picture.id,
        video: video.id,
        failed: failed.id,
      }
      await moveTo('2026-01-10', made.picture)
      await moveTo('2026-01-11', made.video)
      const { visitor } = await newSignedInOperator()
      const filters = `organisation=${organisation.id}&${query}`

      const list = await visitor.get(`/admin/generations?${filters}`)
      const csv = await visitor.get(`/admin/generations.csv?${filters}`)

      const wanted = expected.map((name) => made[name])
      assert.deepEqual(ids(list.html), wanted)
      assert.deepEqual(ids(csv.html), wanted)
    })

  test('goes on where a page ends, without a gap or a repeat', async ({ assert }) => {
    const { organisation } = await newOrganisation()
    const all = []
    for (let count = 0; count < 27; count++) all.unshift(await started(organisation.id))
    const { visitor } = await newSignedInOperator()

    const first = await visitor.get(`/admin/generations?organisation=${organisation.id}`)
    const older = /href="([^"]+)">Older/.exec(first.html)![1].replaceAll('&amp;', '&')
    const second = await visitor.get(older)

    assert.deepEqual(ids(first.html.replaceAll(older, '')).slice(0, 25), all.slice(0, 25))
    assert.deepEqual(ids(second.html), all.slice(25))
    assert.include(second.text, 'Newest')
  })

  test('leads from a job’s id to its generation, of any organisation', async ({ assert }) => {
    const { organisation } = await newOrganisation()
    const { id, jobId } = await generated(organisation.id)
    const { visitor } = await newSignedInOperator()

    for (const text of [id, jobId, ` ${id} `]) {
      const found = await visitor.get(`/admin/generations?id=${encodeURIComponent(text)}`)

      assert.equal(found.location, `/admin/generations/${id}`)
    }
    const nothing = await visitor.get('/admin/generations?id=gen_0')
    assert.include(nothing.text, 'Nothing has this id')
  })

  test('is exported as a file that a spreadsheet takes for data', async ({ assert }) => {
    const { organisation } = await newOrganisation()
    await organisation.merge({ name: '=HYPERLINK("https://example.com"), "Ltd"' }).save()
    const { id, charged } = await generated(organisation.id)
    const { visitor } = await newSignedInOperator()

    const csv = await visitor.get(`/admin/generations.csv?organisation=${organisation.id}`)

    assert.match(csv.headers.get('content-disposition')!, /attachment; filename="generations.csv"/)
    const [head, row, end] = csv.html.split('\r\n')
    assert.match(head, /^id,organisation_id,organisation,status,/)
    assert.isTrue(
      row.startsWith(
        `${id},${organisation.id},"'=HYPERLINK(""https://example.com""), ""Ltd""",succeeded,`
      )
    )
    assert.include(row, `,${charged},`)
    assert.equal(end, '')
  })
})

test.group('The page of a generation', () => {
  test('shows what was asked, what came, what happened and a receipt that adds up', async ({
    assert,
  }) => {
    const { organisation } = await newOrganisation()
    const { id } = await generated(organisation.id, 'two of four partial:1/2 cost:-50%')
    const { visitor } = await newSignedInOperator()

    const { text, html } = await visitor.get(`/admin/generations/${id}`)

    assert.include(text, 'two of four partial:1/2')
    assert.match(html, /<img src="\/files\/org_/)
    for (const words of ['Accepted', 'Attempt 1 began', 'credits charged', 'Done']) {
      assert.include(text, words)
    }
    const [, held, charged, returned] = /([\d.]+) held − ([\d.]+) charged = ([\d.]+) returned/.exec(
      text
    )!
    assert.isAbove(Number(returned), 0)
    assert.closeTo(Number(held) - Number(charged), Number(returned), 1e-9)
    assert.include(text, `Charged −${charged}`)
  })

  test('says why it failed and that nothing was charged', async ({ assert }) => {
    const { organisation } = await newOrganisation()
    const { id } = await generated(organisation.id, 'fail:moderation')
    const { visitor } = await newSignedInOperator()

    const { text } = await visitor.get(`/admin/generations/${id}`)

    assert.include(text, 'The sandbox refused the prompt')
    assert.include(text, 'Nothing charged')
    assert.match(text, /([\d.]+) held − 0\.00 charged = \1 returned/)
  })

  test('stops one that is open, in the operator’s name', async ({ assert }) => {
    const { organisation } = await newOrganisation()
    const id = await started(organisation.id, 'slow:60s')
    const { user, visitor } = await newSignedInOperator()
    const open = await visitor.get(`/admin/generations/${id}`)
    assert.include(open.text, 'Cancel it')

    const answer = await visitor.post(`/admin/generations/${id}/cancellation`)

    assert.equal(answer.location, `/admin/generations/${id}`)
    const db = await app.container.make('lucid.db')
    const job = await db.from('jobs').where('id', id.replace('gen_', 'job_')).firstOrFail()
    assert.equal(job.cancel_actor, `user:${user.id}`)
    const page = await visitor.get(`/admin/generations/${id}`)
    assert.notInclude(page.text, 'Cancel it')
  })

  test('forgets what was deleted, but not the money', async ({ assert }) => {
    const { organisation } = await newOrganisation()
    const { id } = await generated(organisation.id, 'a secret hill')
    const { deleteGeneration } = await import('#app/generations/actions/delete_generation')
    await deleteGeneration(organisation.id, id)
    const { visitor } = await newSignedInOperator()

    const { text } = await visitor.get(`/admin/generations/${id}`)

    assert.notInclude(text, 'a secret hill')
    assert.include(text, 'The files were deleted.')
    assert.match(text, /held − [\d.]+ charged/)
  })

  test('plays a sound, and names its file so that players know it', async ({ assert }) => {
    const { organisation } = await newOrganisation()
    const { id, outputs } = await generated(organisation.id)
    const db = await app.container.make('lucid.db')
    const asset = { account_id: organisation.id, id: outputs[0].assetId }
    await db.from('assets').where(asset).update({ content_type: 'audio/mpeg' })
    const { visitor } = await newSignedInOperator()

    const { html } = await visitor.get(`/admin/generations/${id}`)

    assert.match(html, /<audio src="\/files\/org_[^"]+" controls/)
    assert.include(html, `download="${outputs[0].assetId}.mp3"`)
  })

  test('has thumbnails, which are small and never change', async ({ assert }) => {
    const { organisation } = await newOrganisation()
    const { outputs } = await generated(organisation.id)
    const { visitor } = await newSignedInOperator()
    const path = `/admin/thumbnails/${organisation.id}/${outputs[0].assetId}`

    const picture = await visitor.get(path)

    assert.equal(picture.headers.get('content-type'), 'image/webp')
    assert.include(picture.headers.get('cache-control')!, 'immutable')
    assert.isBelow(Number(picture.headers.get('content-length')), 60_000)
    const { organisation: other } = await newOrganisation()
    const elsewhere = await visitor.get(path.replace(organisation.id, other.id))
    assert.equal(elsewhere.status, 404)
  })
})
