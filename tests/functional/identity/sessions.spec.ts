import { randomUUID } from 'node:crypto'
import { test } from '@japa/runner'
import User from '#app/identity/models/user'
import { newOperator } from '#tests/factories'
import { newSignedInOperator, Visitor } from '../admin/visitor.js'

test.group('Signing in', () => {
  test('leads to the page that was asked for', async ({ assert }) => {
    const { email, password } = await newOperator()
    const visitor = new Visitor()

    const asked = await visitor.get('/admin/keys?organisation=org_1')
    assert.equal(asked.status, 302)
    const form = await visitor.get(asked.location!)
    assert.include(form.html, 'value="/admin/keys?organisation=org_1"')
    const entered = await visitor.post('/login', {
      email,
      password,
      next: '/admin/keys?organisation=org_1',
    })

    assert.equal(entered.location, '/admin/keys?organisation=org_1')
    const page = await visitor.get('/admin/keys')
    assert.equal(page.status, 200)
  })

  test('shows the form again for a wrong password, with the e-mail and without the password', async ({
    assert,
  }) => {
    const { email } = await newOperator()

    const page = await new Visitor().post('/login', { email, password: 'not-this-one' })

    assert.equal(page.status, 422)
    assert.include(page.text, 'E-mail or password do not match.')
    assert.include(page.html, `value="${email}"`)
    assert.notInclude(page.html, 'not-this-one')
  })

  test('says the same to {title}')
    .with([
      { title: 'a stranger', fields: { email: 'stranger@example.test', password: 'x' } },
      { title: 'what is no e-mail', fields: { email: 'nobody', password: 'x' } },
      { title: 'an empty form', fields: {} },
    ])
    .run(async ({ assert }, { fields }) => {
      const page = await new Visitor().post('/login', fields as Record<string, string>)

      assert.equal(page.status, 422)
      assert.include(page.text, 'E-mail or password do not match.')
    })

  test('gives a new session, so that one laid beforehand is worth nothing', async ({ assert }) => {
    const { email, password } = await newOperator()
    const visitor = new Visitor()
    await visitor.get('/login')
    const before = visitor.cookies.get('daygen_session')

    await visitor.post('/login', { email, password })

    const laid = new Visitor()
    laid.cookies.set('daygen_session', before!)
    const { location } = await laid.get('/admin')
    assert.equal(location, '/login?next=%2Fadmin')
  })

  test('keeps out who is no operator', async ({ assert }) => {
    const password = randomUUID()
    const email = `${randomUUID()}@example.test`
    await User.create({ email, password, fullName: 'A member', isOperator: false })
    const visitor = new Visitor()

    const page = await visitor.post('/login', { email, password })

    assert.equal(page.status, 403)
    assert.include(page.text, 'Ask an operator for access.')
    const { location } = await visitor.get('/admin')
    assert.equal(location, '/login?next=%2Fadmin')
  })

  test('needs the token of its form', async ({ assert }) => {
    const { email, password } = await newOperator()
    const visitor = new Visitor()
    await visitor.get('/login')

    const page = await visitor.post('/login', { email, password, _csrf: 'another' })

    assert.equal(page.status, 403)
  })

  test('never leads to {next}')
    .with([
      { next: 'https://example.com/admin' },
      { next: '//example.com' },
      { next: '/.//example.com' },
      { next: '/a/..//example.com' },
      { next: '/%2e//example.com' },
      { next: '/\\example.com' },
      { next: '/\t/example.com' },
      { next: 'javascript:alert(1)' },
      { next: 'admin' },
    ])
    .run(async ({ assert }, { next }) => {
      const { email, password } = await newOperator()

      const entered = await new Visitor().post('/login', { email, password, next })

      assert.equal(entered.location, '/admin')
    })

  test('is skipped by who is in already', async ({ assert }) => {
    const { visitor } = await newSignedInOperator()

    const page = await visitor.get('/login?next=/admin/models')

    assert.equal(page.location, '/admin/models')
  })
})

test.group('Trying to sign in', () => {
  test('is slowed down after five attempts a minute, right password or not', async ({ assert }) => {
    const { email, password } = await newOperator()
    const visitor = new Visitor()
    for (let attempt = 1; attempt <= 5; attempt++) {
      const { status } = await visitor.post('/login', { email, password: 'wrong' })
      assert.equal(status, 422)
    }

    const page = await visitor.post('/login', { email, password })

    assert.equal(page.status, 429)
    const seconds = Number(page.headers.get('retry-after'))
    assert.isTrue(seconds > 0 && seconds <= 60)
    assert.include(page.text, `Too many attempts. Try again in ${seconds} seconds.`)
    assert.include(page.html, `value="${email}"`)
  })

  test('at once is no way around it', async ({ assert }) => {
    const { email } = await newOperator()
    const visitor = new Visitor()
    await visitor.get('/login')

    const pages = await Promise.all(
      Array.from({ length: 12 }, () => visitor.post('/login', { email, password: 'wrong' }))
    )

    assert.lengthOf(
      pages.filter(({ status }) => status === 422),
      5
    )
    assert.lengthOf(
      pages.filter(({ status }) => status === 429),
      7
    )
  })

  test('of one person does not keep out another', async ({ assert }) => {
    const [first, second] = [await newOperator(), await newOperator()]
    for (let attempt = 1; attempt <= 6; attempt++) {
      await new Visitor().post('/login', { email: first.email, password: 'wrong' })
    }

    const entered = await new Visitor().post('/login', {
      email: second.email,
      password: second.password,
    })

    assert.equal(entered.location, '/admin')
  })

  test('begins anew after a success', async ({ assert }) => {
    const { email, password } = await newOperator()
    const visitor = new Visitor()
    for (let attempt = 1; attempt <= 4; attempt++) {
      await visitor.post('/login', { email, password: 'wrong' })
    }
    await visitor.post('/login', { email, password })

    const page = await new Visitor().post('/login', { email, password: 'wrong' })

    assert.equal(page.status, 422)
  })
})

test.group('Signing out', () => {
  test('ends the session', async ({ assert }) => {
    const { visitor } = await newSignedInOperator()

    const left = await visitor.post('/logout')

    assert.equal(left.location, '/login')
    const page = await visitor.get('/admin')
    assert.equal(page.location, '/login?next=%2Fadmin')
  })
})
