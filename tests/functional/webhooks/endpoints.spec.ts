import app from '@adonisjs/core/services/app'
import { test } from '@japa/runner'
import settings from '#config/webhooks'
import { CreateEndpoint } from '#app/webhooks/actions/create_endpoint'
import { drawing, newStudio, type Body } from '#tests/functional/generations/studio'
import { allowThisMachine, newHooks } from './hooks.js'

test.group('Webhook endpoints', (group) => {
  group.setup(allowThisMachine)

  test('are made, shown with their secret once, changed, listed and deleted', async ({
    client,
    assert,
    cleanup,
  }) => {
    const hooks = await newHooks(client, cleanup)

    const made = await hooks
      .post('/v1/webhook_endpoints')
      .json({ url: hooks.receiver.url, events: ['generation.*'], description: 'shop' })
    made.assertStatus(201)
    const { secret, ...endpoint } = made.body()
    const path = `/v1/webhook_endpoints/${endpoint.id}`
    made.assertHeader('location', path)
    assert.match(endpoint.id, /^whe_/)
    assert.match(secret, /^whsec_[A-Za-z0-9+/]{43}=$/)
    assert.containSubset(endpoint, {
      object: 'webhook_endpoint',
      url: hooks.receiver.url,
      events: ['generation.*'],
      description: 'shop',
      api_version: '2026-11-01',
      status: 'enabled',
      disabled_because: null,
      last_seq: 0,
    })
    const shown = await hooks.get(path)
    assert.deepEqual(shown.body(), endpoint)

    const changed = await hooks.patch(path).json({ events: ['balance.low'] })
    assert.containSubset(changed.body(), { events: ['balance.low'], description: 'shop' })
    const second = await hooks.endpoint()
    const list = await hooks.get('/v1/webhook_endpoints?limit=1')
    assert.deepEqual(
      list.body().data.map(({ id }: Body) => id),
      [second.id]
    )
    const rest = await hooks.get(`/v1/webhook_endpoints?cursor=${list.body().next_cursor}`)
    assert.deepEqual(rest.body().data, [changed.body()])

    const deleted = await hooks.delete(path)
    deleted.assertStatus(204)
    for (const gone of [await hooks.get(path), await hooks.delete(path)]) gone.assertStatus(404)
  })

  test('are disabled, then enabled again', async ({ client, assert, cleanup }) => {
    const hooks = await newHooks(client, cleanup)
    const { id } = await hooks.endpoint()

    const disabled = await hooks.post(`/v1/webhook_endpoints/${id}/disable`)
    await hooks.generated(drawing())
    const skipped = await hooks.delivery()
    const enabled = await hooks.post(`/v1/webhook_endpoints/${id}/enable`)

    assert.containSubset(disabled.body(), { status: 'disabled', disabled_because: 'asked' })
    assert.equal(skipped.status, 'skipped')
    assert.containSubset(enabled.body(), { status: 'enabled', disabled_because: null })
    assert.lengthOf(hooks.receiver.received, 0)
  })

  test('rotate their secret, for as long as was said', async ({ client, assert, cleanup }) => {
    const hooks = await newHooks(client, cleanup)
    const { id, secret } = await hooks.endpoint()
    const path = `/v1/webhook_endpoints/${id}/rotate_secret`

    const rotated = await hooks.post(path).json({ overlap_seconds: 3600 })
    const shown = await hooks.get(`/v1/webhook_endpoints/${id}`)
    const tooLong = await hooks.post(path).json({ overlap_seconds: 10_000_000 })

    rotated.assertStatus(200)
    assert.notEqual(rotated.body().secret, secret)
    assert.equal(shown.body().previous_secret_expires_at, rotated.body().previous_secret_expires_at)
    tooLong.assertStatus(422)
    assert.equal(tooLong.body().error.param, '/overlap_seconds')
  })

  test('are tried by a test event, even while they are disabled', async ({
    client,
    assert,
    cleanup,
  }) => {
    const hooks = await newHooks(client, cleanup)
    const { id } = await hooks.endpoint({ events: ['balance.low'] })
    await hooks.post(`/v1/webhook_endpoints/${id}/disable`)

    const tried = await hooks.post(`/v1/webhook_endpoints/${id}/test`)
    const [{ body }] = await hooks.receiver.until(1)

    tried.assertStatus(202)
    tried.assertHeader('location', `/v1/webhook_deliveries/${tried.body().id}`)
    assert.containSubset(body, {
      id: tried.body().event.id,
      type: 'webhook_endpoint.test',
      data: { object: 'webhook_endpoint', id },
    })
  })

  test('of somebody else are not there', async ({ client, assert, cleanup }) => {
    const hooks = await newHooks(client, cleanup)
    const stranger = await newHooks(client, cleanup)
    const { id } = await hooks.endpoint()
    await hooks.post(`/v1/webhook_endpoints/${id}/test`)
    const delivery = await hooks.delivery(({ status }) => status === 'delivered')
    const path = `/v1/webhook_endpoints/${id}`

    const answers = [
      await stranger.get(path),
      await stranger.patch(path).json({ description: 'mine' }),
      await stranger.delete(path),
      await stranger.post(`${path}/enable`),
      await stranger.post(`${path}/disable`),
      await stranger.post(`${path}/rotate_secret`),
      await stranger.post(`${path}/test`),
      await stranger.post(`${path}/replay`).json({ from: '2020-01-01T00:00:00Z' }),
      await stranger.get(`/v1/webhook_deliveries/${delivery.id}`),
      await stranger.post(`/v1/webhook_deliveries/${delivery.id}/replay`),
    ]

    for (const answer of answers) answer.assertStatus(404)
    assert.deepEqual(await stranger.deliveries(), [])
    assert.deepEqual(await stranger.deliveries(`?endpoint=${id}`), [])
    const own = await hooks.get(path)
    assert.containSubset(own.body(), { status: 'enabled', description: '' })
    assert.lengthOf(hooks.receiver.received, 1)
  })

  test('are managed by keys that may, and read by those that may read', async ({
    client,
    assert,
  }) => {
    const studio = await newStudio(client)

    const refused = await studio
      .post('/v1/webhook_endpoints')
      .json({ url: 'https://hooks.example.com' })
    const listed = await studio.get('/v1/webhook_endpoints')

    refused.assertStatus(403)
    assert.equal(refused.body().error.code, 'scope_missing')
    listed.assertStatus(200)
    assert.deepEqual(listed.body().data, [])
  })

  test('are not more than an organisation may have, however many are asked for at once', async ({
    client,
    assert,
    cleanup,
  }) => {
    const hooks = await newHooks(client, cleanup)
    const create = await app.container.make(CreateEndpoint)
    const most = settings.endpointsPerOrganisation

    const made = await Promise.all(
      Array.from({ length: most + 5 }, () =>
        create.handle({ accountId: hooks.id, url: hooks.receiver.url, actor: 'system:test' })
      )
    )
    const refused = await hooks.post('/v1/webhook_endpoints').json({ url: hooks.receiver.url })

    assert.lengthOf(
      made.filter(({ ok }) => ok),
      most
    )
    refused.assertStatus(422)
    assert.equal(refused.body().error.code, 'too_many_webhook_endpoints')
    assert.include(refused.body().error.message, String(most))
  })
})

const WRONG = [
  ['http://hooks.example.com/', 'not encrypted', 'webhook_url_invalid'],
  ['ftp://hooks.example.com/', 'another protocol', 'webhook_url_invalid'],
  ['hooks', 'no URL', 'webhook_url_invalid'],
  ['https://user:pass@hooks.example.com/', 'credentials', 'webhook_url_invalid'],
  ['https://127.0.0.1/', 'this machine', 'webhook_url_not_public'],
  ['https://2130706433/', 'this machine as one number', 'webhook_url_not_public'],
  ['https://[::ffff:10.0.0.1]/', 'a private network, mapped', 'webhook_url_not_public'],
  ['https://169.254.169.254/latest', 'metadata of a cloud', 'webhook_url_not_public'],
  ['https://localhost/', 'a name of this machine', 'webhook_url_not_public'],
  ['https://hooks.invalid/', 'a name that nobody has', 'webhook_url_unresolvable'],
]

test.group('Webhook endpoints | bad input', () => {
  test('{0} is refused: {1}')
    .with(WRONG)
    .run(async ({ client, assert, cleanup }, [url, , code]) => {
      const hooks = await newHooks(client, cleanup)
      const before = await hooks.kept()

      const made = await hooks.post('/v1/webhook_endpoints').json({ url })
      const started = await hooks.generate({ ...drawing(), webhook_url: url })

      made.assertStatus(422)
      assert.containSubset(made.body().error, { code, param: '/url' })
      started.assertStatus(422)
      assert.containSubset(started.body().error, { code, param: '/webhook_url' })
      assert.deepEqual(await hooks.kept(), before)
    })

  test('{$i}: a body that is not right says where')
    .with([
      [{}, 'missing_field', '/url'],
      [{ url: 'x'.repeat(2049) }, 'invalid_parameter', '/url'],
      [{ url: 'https://a.example', colour: 'red' }, 'unknown_field', '/colour'],
      [{ url: 'https://a.example', events: [] }, 'invalid_parameter', '/events'],
      [
        { url: 'https://a.example', events: ['balance.low', 'generation.done'] },
        'unknown_event_type',
        '/events/1',
      ],
      [{ url: 'https://a.example', events: ['toString'] }, 'unknown_event_type', '/events/0'],
      [
        { url: 'https://a.example', api_version: '1999-01-01' },
        'invalid_parameter',
        '/api_version',
      ],
      [{ url: 'https://a.example', description: 'a\0b' }, 'invalid_parameter', '/description'],
    ] as [Body, string, string][])
    .run(async ({ client, assert, cleanup }, [body, code, param]) => {
      const hooks = await newHooks(client, cleanup)

      const made = await hooks.post('/v1/webhook_endpoints').json(body)

      made.assertStatus(422)
      assert.containSubset(made.body().error, { code, param })
    })

  test('a change that is not right changes nothing', async ({ client, assert, cleanup }) => {
    const undo = allowThisMachine()
    const hooks = await newHooks(client, cleanup)
    const { id, url } = await hooks.endpoint()
    undo()

    const changes: Body[] = [
      { url: 'https://10.0.0.1/' },
      { events: ['x'] },
      {},
      { api_version: 'x' },
    ]
    for (const change of changes) {
      const changed = await hooks.patch(`/v1/webhook_endpoints/${id}`).json(change)
      changed.assertStatus(422)
    }

    const shown = await hooks.get(`/v1/webhook_endpoints/${id}`)
    assert.containSubset(shown.body(), { url, events: ['*'] })
  })

  test('filters and bodies of deliveries and replays are checked', async ({
    client,
    assert,
    cleanup,
  }) => {
    const hooks = await newHooks(client, cleanup)

    const answers = [
      await hooks.get('/v1/webhook_deliveries?status=lost'),
      await hooks.get('/v1/webhook_deliveries?colour=red'),
      await hooks.get('/v1/webhook_deliveries?cursor=x'),
      await hooks.get('/v1/webhook_deliveries?endpoint=a&endpoint=b'),
      await hooks.get('/v1/webhook_deliveries?limit=1000'),
    ]
    const undated = await hooks.post('/v1/webhook_endpoints/whe_x/replay').json({})
    const neverSo = await hooks
      .post('/v1/webhook_endpoints/whe_x/replay')
      .json({ from: '2030-02-31T99:00:00Z' })

    for (const answer of answers) answer.assertStatus(400)
    undated.assertStatus(422)
    assert.equal(undated.body().error.param, '/from')
    neverSo.assertStatus(422)
    assert.equal(neverSo.body().error.param, '/from')
  })
})
