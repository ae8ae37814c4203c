import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import app from '@adonisjs/core/services/app'
import db from '@adonisjs/lucid/services/db'
import { test } from '@japa/runner'
import { newId } from '#core/ids'
import { BalanceQuery } from '#app/billing/queries/balance_query'
import { newOrganisation } from '#tests/factories'
import { generated } from './generated.js'
import { newSignedInOperator } from './visitor.js'

const PHOTO = new URL('../../../plugins/local/samples/photo.jpg', import.meta.url)

async function desk(credits?: string) {
  const { organisation } = await newOrganisation({ credits })
  const operator = await newSignedInOperator()
  await operator.visitor.get(`/admin/try?organisation=${organisation.id}`)
  return { ...operator, organisation }
}

const form = (organisation: string, fields: Record<string, string> = {}) => ({
  organisation,
  'model': 'sandbox/image',
  'reference': randomUUID(),
  'input[prompt]': 'a hill',
  ...fields,
})

async function held(accountId: string): Promise<string> {
  const query = await app.container.make(BalanceQuery)
  const balance = await query.handle(accountId)
  return balance.held.toString()
}

test.group('The form of try-a-model', () => {
  test('has the organisation that is asked for, however many there are', async ({
    assert,
    cleanup,
  }) => {
    const { visitor, organisation } = await desk()
    const many = Array.from({ length: 501 }, () => ({ id: newId('org'), name: '! of many' }))
    await db.table('organisations').multiInsert(many)
    cleanup(async () => {
      await db.from('organisations').where('name', '! of many').delete()
    })

    const { html } = await visitor.get(`/admin/try?organisation=${organisation.id}`)

    assert.match(html, new RegExp(`<option value="${organisation.id}"[^>]* selected`))
  })

  test('is made of the model’s own schema', async ({ assert }) => {
    const { visitor } = await desk()

    const { html } = await visitor.get('/admin/try?model=sandbox/image')

    assert.match(html, /<textarea[^>]+name="input\[prompt\]"[^>]+required/)
    assert.match(html, /type="number"[^>]+name="input\[n\]"[^>]+min="1"[^>]+max="4"/)
    assert.match(html, /<select[^>]+name="input\[format\]"/)
    assert.match(html, /<option value="png" selected/)
    assert.match(html, /<option value="16:9"><\/option>/)
  })

  test('takes a file where the model wants one', async ({ assert }) => {
    const { visitor } = await desk()

    const { html } = await visitor.get('/admin/try?model=local/esrgan-2x')

    assert.match(html, /type="file"[^>]+accept="image\/png,image\/jpeg,image\/webp"/)
    assert.match(html, /name="input\[image\]"/)
  })

  test('can be filled with the inputs of a generation', async ({ assert }) => {
    const { visitor, organisation } = await desk()
    const { id } = await generated(organisation.id, 'a hill in the rain')

    const { html } = await visitor.get(`/admin/try?from=${id}`)

    assert.include(html, '>a hill in the rain</textarea>')
    assert.match(html, new RegExp(`value="${organisation.id}" selected`))
  })
})

test.group('A price', () => {
  test('is told with what is there to pay it', async ({ assert }) => {
    const { visitor, organisation } = await desk('1')

    const one = await visitor.post('/admin/prices', form(organisation.id))
    const four = await visitor.post('/admin/prices', form(organisation.id, { 'input[n]': '4' }))

    assert.deepEqual(JSON.parse(one.html), { credits: '0.47187', available: '1.00', enough: true })
    assert.deepEqual(JSON.parse(four.html), {
      credits: '1.88745',
      available: '1.00',
      enough: false,
    })
    assert.equal(await held(organisation.id), '0')
  })

  test('names the field that is not right yet, by its label', async ({ assert }) => {
    const { visitor, organisation } = await desk()
    const price = async (fields: Record<string, string>) => {
      const { html } = await visitor.post('/admin/prices', form(organisation.id, fields))
      return JSON.parse(html)
    }

    assert.deepEqual(await price({ 'input[n]': '9' }), {
      problem: { field: 'n', message: 'Pictures must be <= 4.', missing: false },
    })
    assert.deepEqual(await price({ 'input[n]': 'many' }), {
      problem: { field: 'n', message: 'Pictures must be integer.', missing: false },
    })
    assert.deepEqual(await price({ 'input[prompt]': '' }), {
      problem: { field: 'prompt', message: 'Prompt is required.', missing: true },
    })
  })
})

test.group('Trying a model', () => {
  test('holds, runs and leads to the generation’s page, in the operator’s name', async ({
    assert,
  }) => {
    const { user, visitor, organisation } = await desk()

    const answer = await visitor.post('/admin/try', form(organisation.id))

    assert.match(answer.location!, /^\/admin\/generations\/gen_/)
    const id = answer.location!.split('/').pop()
    const row = await db.from('generations').where('id', id!).firstOrFail()
    assert.equal(row.account_id, organisation.id)
    assert.equal(row.user_id, user.id)
    assert.deepInclude(row.input, { prompt: 'a hill', n: 1 })
  })

  test('twice with one form starts once; with other inputs it says so', async ({ assert }) => {
    const { visitor, organisation } = await desk()
    const pressed = form(organisation.id)

    const first = await visitor.post('/admin/try', pressed)
    const again = await visitor.post('/admin/try', pressed)
    const changed = await visitor.post('/admin/try', { ...pressed, 'input[prompt]': 'a lake' })

    assert.equal(again.location, first.location)
    assert.equal(changed.status, 422)
    assert.include(changed.text, 'This form was sent before')
    assert.notInclude(changed.html, pressed.reference)
  })

  test('says what is wrong beside the field and keeps the rest', async ({ assert }) => {
    const { visitor, organisation } = await desk()

    const page = await visitor.post(
      '/admin/try',
      form(organisation.id, { 'input[n]': '9', 'input[prompt]': 'a hill to keep' })
    )

    assert.equal(page.status, 422)
    assert.include(page.html, '>a hill to keep</textarea>')
    assert.match(page.html, /id="input-n-error"[^>]*>Pictures must be &lt;= 4\./)
    assert.match(page.html, /name="input\[n\]"[^>]+aria-invalid="true"/)
  })

  test('without credits explains the refusal and holds nothing', async ({ assert }) => {
    const { visitor, organisation } = await desk('0.1')

    const page = await visitor.post('/admin/try', form(organisation.id))

    assert.equal(page.status, 422)
    assert.include(page.text, 'This can cost 0.47187 credits, and 0.10 are available.')
    assert.equal(await held(organisation.id), '0')
  })

  test('only asks for the price where a browser runs no script', async ({ assert }) => {
    const { visitor, organisation } = await desk()

    const page = await visitor.post(
      '/admin/try',
      form(organisation.id, { 'input[n]': '2', 'only': 'price' })
    )

    assert.equal(page.status, 200)
    assert.include(page.text, '0.943725')
    assert.equal(await held(organisation.id), '0')
  })

  test('with a picture that was uploaded is priced by its size', async ({ assert }) => {
    const { visitor, organisation } = await desk()
    const bytes = new Uint8Array(await readFile(PHOTO))

    const sent = await visitor.upload(
      `/admin/uploads?organisation=${organisation.id}`,
      bytes,
      'image/jpeg'
    )

    assert.equal(sent.status, 201)
    const { id } = JSON.parse(sent.html)
    const price = await visitor.post(
      '/admin/prices',
      form(organisation.id, {
        'model': 'local/esrgan-2x',
        'input[image]': id,
        'input[prompt]': '',
      })
    )
    assert.equal(JSON.parse(price.html).credits, '0.004425')
  })

  test('takes no file that is no picture, and none for nobody', async ({ assert }) => {
    const { visitor, organisation } = await desk()
    const bytes = new TextEncoder().encode('not a picture')

    const text = await visitor.upload(
      `/admin/uploads?organisation=${organisation.id}`,
      bytes,
      'image/png'
    )
    const nobody = await visitor.upload('/admin/uploads?organisation=org_0', bytes, 'image/png')

    assert.equal(text.status, 422)
    assert.match(JSON.parse(text.html).message, /no picture or film/)
    assert.equal(nobody.status, 422)
  })

  test('for an organisation that is none asks for one', async ({ assert }) => {
    const { visitor } = await desk()

    const page = await visitor.post('/admin/try', form('org_nobody'))

    assert.equal(page.status, 422)
    assert.include(page.text, 'Choose an organisation.')
  })
})
