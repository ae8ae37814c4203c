import router from '@adonisjs/core/services/router'
import { test } from '@japa/runner'
import { here, newSignedInOperator, Visitor } from './visitor.js'

/** Every route of the console and of its live pages, as the router knows them. */
function guardedRoutes(): { method: string; path: string }[] {
  const routes = Object.values(router.toJSON()).flat()
  return routes
    .filter(({ pattern }) => /^\/(admin|__transmit)(\/|$)/.test(pattern))
    .flatMap(({ pattern, methods }) =>
      methods
        .filter((method) => method !== 'HEAD')
        .map((method) => ({ method, path: pattern.replace(/:\w+/g, 'x') }))
    )
}

function ask(visitor: Visitor, method: string, path: string) {
  return method === 'GET' ? visitor.get(path) : visitor.post(path)
}

test.group('The console', () => {
  test('sends everybody who is not signed in to the sign-in page, on every route', async ({
    assert,
  }) => {
    const routes = guardedRoutes()
    assert.isAbove(routes.length, 20)

    for (const { method, path } of routes) {
      const answer = await ask(new Visitor(), method, path)

      assert.equal(answer.status, 302, `${method} ${path}`)
      assert.match(answer.location!, /^\/login\?next=/, `${method} ${path}`)
    }
  })

  test('sends away who is no operator any more, on every route', async ({ assert }) => {
    const { user, visitor } = await newSignedInOperator()
    const entered = await visitor.get('/admin')
    assert.equal(entered.status, 200)
    await user.merge({ isOperator: false }).save()

    for (const { method, path } of guardedRoutes()) {
      const answer = await ask(visitor, method, path)

      assert.equal(answer.status, 302, `${method} ${path}`)
      assert.match(answer.location!, /^\/login\?next=/, `${method} ${path}`)
    }
  })

  test('takes no form without its token, on every route that changes something', async ({
    assert,
  }) => {
    const { visitor } = await newSignedInOperator()
    const changing = guardedRoutes().filter(
      ({ method, path }) => method === 'POST' && !path.startsWith('/__transmit')
    )

    for (const { path } of changing) {
      const answer = await visitor.post(path, { _csrf: 'another' })

      assert.equal(answer.status, 403, path)
    }
  })

  test('runs only scripts of its own, lies in nobody’s frame and in no cache', async ({
    assert,
  }) => {
    const { visitor } = await newSignedInOperator()

    const { headers, html } = await visitor.get('/admin')

    assert.equal(headers.get('cache-control'), 'no-store')
    const policy = headers.get('content-security-policy')!
    assert.match(policy, /script-src 'self' 'nonce-/)
    assert.include(policy, `frame-ancestors 'none'`)
    assert.notMatch(html, /<script(?![^>]+src="\/)/)
    assert.notMatch(html, /(src|href)="https?:\/\//)
  })
})

test.group('Pages', () => {
  test('the address of nothing is a friendly 404', async ({ assert }) => {
    const { visitor } = await newSignedInOperator()

    for (const path of [
      '/admin/nothing',
      '/admin/generations/gen_nothing',
      '/admin/organisations/org_nothing',
      '/vendor/nothing.js',
    ]) {
      const page = await visitor.get(path)

      assert.equal(page.status, 404, path)
      assert.include(page.text, 'There is nothing here')
      assert.include(page.text, 'To the console')
    }
  })

  test('of packages are cached for ever, under an address that changes with them', async ({
    assert,
  }) => {
    const { visitor } = await newSignedInOperator()
    const { html } = await visitor.get('/admin')
    const [, address] = /src="(\/vendor\/chart\.js\?v=[\w-]{10})"/.exec(html)!

    const file = await fetch(new URL(address, here()))

    assert.equal(file.status, 200)
    assert.match(file.headers.get('content-type')!, /javascript/)
    assert.include(file.headers.get('cache-control')!, 'immutable')
  })
})
