import { randomUUID } from 'node:crypto'
import app from '@adonisjs/core/services/app'
import { test } from '@japa/runner'
import { Ledger } from '#core/ledger/ledger'
import { testAccountQuery } from '#app/identity/queries/test_account_query'
import { newOrganisation } from '#tests/factories'
import { generated } from './generated.js'
import { newSignedInOperator } from './visitor.js'

async function desk() {
  const { organisation } = await newOrganisation()
  const { visitor } = await newSignedInOperator()
  const live = `/admin/organisations/${organisation.id}`
  await visitor.get(live)
  const opened = await visitor.post(`${live}/test`)
  const account = (await testAccountQuery(organisation.id))!
  return { organisation, visitor, live, opened, account, page: opened.location! }
}

const figure = (text: string, label: string) =>
  Number(new RegExp(`${label} ([\\d,]+)`).exec(text)![1].replaceAll(',', ''))

test.group('Test mode in the console', () => {
  test('a test account opens beside an organisation, marked, and one leads to the other', async ({
    assert,
  }) => {
    const { visitor, live, account, page } = await desk()

    assert.equal(page, `/admin/organisations/${account.id}`)
    const shown = await visitor.get(page)
    assert.include(shown.text, 'Test studio (test)')
    assert.include(shown.text, 'This is the test account.')
    assert.include(shown.text, 'Its clock')
    assert.include(shown.html, `href="${live}"`)
    const back = await visitor.get(live)
    assert.include(back.html, `href="${page}"`)
    assert.notInclude(back.text, 'This is the test account.')
    assert.notInclude(back.text, 'Its clock')
  })

  test('its clock is moved ahead, and what that expires is shown', async ({ assert }) => {
    const { visitor, account, page } = await desk()

    const done = await visitor.post(`${page}/clock`, { span: '1y' })

    assert.equal(done.location, page)
    const shown = await visitor.get(page)
    assert.match(shown.text, /Its clock shows \d+ \w+ \d{4}, [\d:]+ UTC\. 0 grants on the way\./)
    const year = new Date().getUTCFullYear() + 1
    assert.include(shown.text, String(year))
    const refused = await visitor.post(`${page}/clock`, { span: 'soon' })
    assert.equal(refused.status, 422)
    assert.include(refused.text, 'Write 36h, 30d, 2w, 1mo or 1y.')
    const ledger = await app.container.make(Ledger)
    assert.deepEqual(await ledger.verify(account.id), [])
  })

  test('a live organisation has neither clock nor refill', async ({ assert }) => {
    const { visitor, live } = await desk()

    const clock = await visitor.post(`${live}/clock`, { span: '1d' })
    const refill = await visitor.post(`${live}/refill`, { reference: randomUUID() })

    assert.deepEqual([clock.status, refill.status], [404, 404])
  })

  test('is filled up once with one form', async ({ assert }) => {
    const { visitor, account, page } = await desk()
    const db = await app.container.make('lucid.db')
    await db
      .from('grants')
      .where('account_id', account.id)
      .update({ expires_at: new Date(0) })
    const reference = randomUUID()

    await visitor.post(`${page}/refill`, { reference })
    await visitor.post(`${page}/refill`, { reference })

    const ledger = await app.container.make(Ledger)
    const { available } = await ledger.balance(account.id)
    assert.equal(available.toString(), '1000')
  })

  test('no total mixes the two: the front page and the lists show one or the other', async ({
    assert,
  }) => {
    const { visitor, account } = await desk()
    const before = await visitor.get('/admin')
    const beforeTest = await visitor.get('/admin?mode=test')

    const made = await generated(account.id)

    const [after, afterTest] = [await visitor.get('/admin'), await visitor.get('/admin?mode=test')]
    assert.equal(figure(after.text, 'Jobs today'), figure(before.text, 'Jobs today'))
    assert.equal(figure(after.text, 'Credits available'), figure(before.text, 'Credits available'))
    assert.equal(figure(afterTest.text, 'Jobs today'), figure(beforeTest.text, 'Jobs today') + 1)
    assert.include(afterTest.text, 'Today (test)')
    assert.notInclude(after.html, made.id)
    assert.include(afterTest.html, made.id)
    const list = await visitor.get('/admin/generations')
    const testList = await visitor.get('/admin/generations?mode=test')
    assert.notInclude(list.html, made.id)
    assert.include(testList.html, made.id)
    assert.include(testList.text, 'Test studio (test)')
    const csv = await visitor.get('/admin/generations.csv?mode=test')
    assert.include(csv.html, made.id)
    const live = await visitor.get('/admin/generations.csv')
    assert.notInclude(live.html, made.id)
  })

  test('the list of organisations has no test accounts', async ({ assert }) => {
    const { visitor, organisation, account } = await desk()

    const list = await visitor.get(`/admin/organisations?search=${organisation.id}`)
    const none = await visitor.get(`/admin/organisations?search=${account.id}`)

    assert.include(list.html, organisation.id)
    assert.include(none.text, 'None is called so')
  })

  test('a test key is made for the test account', async ({ assert }) => {
    const { visitor, organisation, live } = await desk()

    await visitor.post('/admin/keys', {
      'name': 'trying',
      'organisation': organisation.id,
      'mode': 'test',
      'scopes[]': 'generate',
    })

    const shown = await visitor.get('/admin/keys')
    assert.match(shown.text, /dg_test_\w{40}/)
    const page = await visitor.get(live)
    assert.include(page.text, 'trying dg_test_')
  })
})
