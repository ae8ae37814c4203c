import { test } from '@japa/runner'
import { Installation } from './installation.js'

const found = (text: string, pattern: RegExp) => pattern.exec(text)?.[1] ?? ''

test.group('The first start', (group) => {
  group.each.timeout(120_000)
  let installation: Installation
  group.each.setup(async () => {
    installation = await Installation.make()
    return () => installation.remove()
  })

  const countOf = async (table: string) => {
    const [{ count }] = await installation.rows(`select count(*) from ${table}`)
    return Number(count)
  }

  test('sets up an organisation, proves that everything works, and says how to go on', async ({
    assert,
  }) => {
    const server = await installation.start()
    const said = server.said()

    const key = found(said, /API key\s+(dg_live_\w{40})/)
    assert.match(said, /local\/esrgan-2x {2}succeeded/)
    assert.match(said, /delivered {2}1 of 1, \d+ × \d+ image\/png/)
    assert.match(said, /Sign in\s+operator@daygen\.local/)
    assert.match(said, /Password\s+\S{16}/)
    assert.match(said, /Test key\s+dg_test_\w{40}/)
    assert.include(said, `${server.url}/admin`)
    const response = await fetch(`${server.url}/v1/balance`, {
      headers: { authorization: `Bearer ${key}` },
    })
    const { available } = (await response.json()) as { available: string }
    assert.isAbove(Number(available), 999)
    assert.isBelow(Number(available), 1000)
    assert.deepEqual(await installation.rows('select * from ledger_violations'), [])
    assert.equal(await server.stop(), 0)
  })

  test('the command it ends with makes a picture', async ({ assert }) => {
    const server = await installation.start()
    const command = found(server.said(), /(curl -s [\s\S]*?}')\n/)
    const headers = Object.fromEntries(
      [...command.matchAll(/-H '([^:]+): ([^']+)'/g)].map(([, name, value]) => [name, value])
    )

    const response = await fetch(found(command, /curl -s (\S+)/), {
      method: 'POST',
      headers,
      body: found(command, /-d '([^']+)'/),
    })

    assert.equal(response.status, 200)
    assert.containSubset(await response.json(), { status: 'succeeded', model: 'sandbox/image' })
    await server.stop()
  })

  test('a later start says where it is, and tells no secret again', async ({ assert }) => {
    const first = await installation.start()
    await first.stop()

    const second = await installation.start()

    assert.include(second.said(), `DayGen is ready at ${second.url}`)
    assert.notMatch(second.said(), /dg_live_|dg_test_|Password/)
    // With the test account and its key.
    assert.deepEqual([await countOf('organisations'), await countOf('api_keys')], [2, 2])
    await second.stop()
  })

  test('two processes that start at once on nothing set it up once', async ({ assert }) => {
    const servers = await Promise.all([installation.start(), installation.start()])

    const keys = servers.map((server) => found(server.said(), /(dg_live_\w{40})/))
    assert.lengthOf(keys.filter(Boolean), 1)
    assert.deepEqual([await countOf('organisations'), await countOf('users')], [2, 1])
    const [{ granted }] = await installation.rows(
      `select sum(amount_micro) as granted from grants where source = 'admin'`
    )
    assert.equal(Number(granted), 1000_000_000)
    await Promise.all(servers.map((server) => server.stop()))
  })

  test('without a key in the open: neither database nor files hold one', async ({ assert }) => {
    const server = await installation.start()
    const key = found(server.said(), /(dg_live_\w{40})/)

    const [{ rows }] = await installation.rows(
      `select jsonb_agg(to_jsonb(k))::text as rows from api_keys k`
    )

    assert.include(rows, key.slice(0, 14))
    assert.notInclude(rows, key.slice(14))
    await server.stop()
  })
})
