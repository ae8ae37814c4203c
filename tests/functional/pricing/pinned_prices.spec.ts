import ace from '@adonisjs/core/services/ace'
import app from '@adonisjs/core/services/app'
import db from '@adonisjs/lucid/services/db'
import { test } from '@japa/runner'
import { Bus } from '#adapters/bus/bus'
import { PostgresPriceArchive } from '#adapters/prices/postgres_price_archive'
import { Sql } from '#adapters/postgres/sql'
import { PluginRegistry } from '#core/plugins/registry'
import { PriceArchive } from '#core/prices/price_archive'
import type { ModelPrice } from '#core/prices/price_rule'
import { pinOf } from '#core/prices/vendor_price'
import { PublishPage } from '#app/pricing/actions/publish_page'
import { RepricingQuery } from '#app/pricing/queries/repricing_query'
import { drawing, newStudio, PICTURE } from '#tests/functional/generations/studio'
import { publish } from './book.js'

const reprice = async (id: string) => {
  const query = await app.container.make(RepricingQuery)
  return query.handle(id)
}

/** As the start of a platform with this price keeps it. */
async function keepVendorPrice(model: string, { version, source, rule }: ModelPrice) {
  const pin = pinOf({ version, source, rule })
  await db
    .table('vendor_prices')
    .insert({ model, pin, version, source, rule: JSON.stringify(rule) })
}

const archive = () => app.container.make(PriceArchive)

test.group('What a hold pins', () => {
  test('settles the job, though the book changed while it ran', async ({
    client,
    assert,
    cleanup,
  }) => {
    const studio = await newStudio(client)
    const { id, cost } = await studio.accepted(drawing({ prompt: 'a lake slow:1500ms' }))
    cleanup(await publish({ target: 'sandbox/image', markup: '0.5', usdPerCredit: '0.10' }))

    const done = await studio.until(id, ({ status }) => status === 'succeeded')
    const next = await studio.generated()

    assert.equal(cost.held, PICTURE)
    assert.equal(done.cost.charged, PICTURE)
    assert.equal(next.cost.charged, '0.15729')
    assert.deepEqual(await studio.violations(), [])
  })

  test('is the vendor’s price, the page, the rounding and the vendor’s cost at most', async ({
    client,
    assert,
  }) => {
    const studio = await newStudio(client)
    const { id } = await studio.accepted(drawing({ prompt: 'slow:60s' }))

    const hold = await db
      .from('holds')
      .where({ account_id: studio.id, id: id.replace('gen_', 'job_') })
      .firstOrFail()

    const registry = await app.container.make(PluginRegistry)
    const { book } = await archive()
    assert.deepEqual(hold.price_pins, {
      candidates: {
        'sandbox/image': {
          price: pinOf(registry.find('sandbox/image')!.price),
          book: book.at('*', new Date())!.id,
          rounding: 'up 0.000001',
          upper: '31458',
        },
      },
    })
    await studio.post(`/v1/generations/${id}/cancel`)
  })

  test('is the vendor’s price of that moment, though the plugin has another now', async ({
    client,
    assert,
    cleanup,
  }) => {
    const studio = await newStudio(client)
    const registry = await app.container.make(PluginRegistry)
    const model = registry.find('sandbox/image')!
    const { price } = model
    cleanup(() => void (model.price = price))
    const { id } = await studio.accepted(drawing({ prompt: 'a lake slow:1500ms' }))
    model.price = { version: '2099', source: 'test', rule: { flat: '0.001' } }

    const done = await studio.until(id, ({ status }) => status === 'succeeded')

    assert.equal(done.cost.charged, PICTURE)
    assert.isTrue((await reprice(id))!.isSame)
  })

  test('is by a vendor’s figure where one is reported, kept as it was told', async ({
    client,
    assert,
    cleanup,
  }) => {
    const studio = await newStudio(client)
    const registry = await app.container.make(PluginRegistry)
    const model = registry.find('sandbox/image')!
    const provider = registry.provider(model)
    const { price } = model
    const { usage } = provider
    const rates = [{ version: '2026', from: '2026-01-01T00:00:00Z', rate: '0.01' }]
    const reported = { unit: 'credits', rates, otherwise: { flat: '0.04' } }
    cleanup(() => {
      Object.assign(model, { price })
      Object.assign(provider, { usage })
    })
    model.price = { version: '2098', source: 'test', rule: { reported } }
    const told: { amount: unknown; unit: string }[] = [
      { amount: 3, unit: 'credits' },
      { amount: -3, unit: 'credits' },
      { amount: 3, unit: 'kisses' },
      { amount: Number.NaN, unit: 'credits' },
      { amount: 12.5, unit: 'credits' },
    ]
    const ids: string[] = []
    await keepVendorPrice(model.name, model.price)
    for (const reportedCost of told) {
      Object.assign(provider, { usage: (raw: unknown) => ({ ...usage(raw), reportedCost }) })
      const { id } = await studio.generated()
      ids.push(id)
    }

    const events = await db
      .from('usage_events')
      .where('account_id', studio.id)
      .orderBy('created_at')

    assert.deepEqual(
      events.map(({ units, vendor_cost_micro_usd: cost }) => [
        Number(cost),
        units.reported.rate_version,
        units.reported.doubt ?? null,
      ]),
      [
        [30_000, '2026', null],
        [40_000, null, 'negative'],
        [40_000, null, 'unknown_unit'],
        [40_000, null, 'not_a_figure'],
        [40_000, null, 'too_high'],
      ]
    )
    assert.deepInclude(events[0].units.reported, { amount: '3', unit: 'credits' })
    for (const id of ids) assert.isTrue((await reprice(id))!.isSame, id)
    const doubted = await db
      .from('job_events')
      .where({ account_id: studio.id, type: 'price_doubted' })
    assert.lengthOf(doubted, 4)
  })

  test('prices every past job again to the same figures, whatever the book says now', async ({
    client,
    assert,
    cleanup,
  }) => {
    const studio = await newStudio(client)
    const before = [
      await studio.generated(),
      await studio.generated(drawing({ prompt: 'partial:1/2', n: 2 })),
      await studio.generated(drawing({ prompt: 'cost:+50%' })),
      await studio.generated(drawing({ prompt: 'fail:transient:1' })),
      await studio.generated({ model: 'sandbox/video', input: { prompt: 'a lake', duration: 1 } }),
    ]
    cleanup(await publish({ target: 'provider:sandbox', markup: '7', usdPerCredit: '0.3' }))
    const after = await studio.generated()

    for (const { id, cost } of [...before, after]) {
      const repricing = (await reprice(id))!
      assert.isTrue(repricing.isSame, id)
      assert.equal(repricing.charged.toString(), cost.charged)
      const delivered = repricing.attempts.find(({ status }) => status === 'succeeded')!
      assert.equal(delivered.computed.price.toString(), cost.charged)
      assert.notEqual(delivered.computed.vendorCost.toString(), '0')
    }
    assert.equal(after.cost.charged, '0.73402')
    const [first] = before
    const byJob = await reprice(first.id.replace('gen_', 'job_'))
    assert.equal(byJob!.generationId, first.id)
    assert.isNull(await reprice('job_nothing'))
  })

  test('a deleted prompt takes no figure with it, and a failure is free again', async ({
    client,
    assert,
  }) => {
    const studio = await newStudio(client)
    const deleted = await studio.generated()
    const failed = await studio.generated(drawing({ prompt: 'fail:moderation' }))
    await studio.delete(`/v1/generations/${deleted.id}`)

    const [first, second] = [(await reprice(deleted.id))!, (await reprice(failed.id))!]

    assert.isTrue(first.isSame && second.isSame)
    assert.equal(first.charged.toString(), PICTURE)
    assert.equal(second.charged.toString(), '0')
  })

  test('a figure that was tampered with is found', async ({ client, assert }) => {
    const studio = await newStudio(client)
    const { id } = await studio.generated()
    await db.from('usage_events').where('account_id', studio.id).update({ price_micro: 1 })

    const repricing = await reprice(id)

    assert.isFalse(repricing!.isSame)
  })

  test('prices:reprice prints the derivation and the same figure', async ({ client, assert }) => {
    const studio = await newStudio(client)
    const { id } = await studio.generated()
    ace.ui.switchMode('raw')

    const command = await ace.exec('prices:reprice', ['--job', id])

    assert.equal(command.exitCode, 0)
    const printed = command.logger
      .getLogs()
      .map(({ message }) => message)
      .join('\n')
    assert.include(printed, '1.048576 megapixels out × $0.03 per 1 = $0.03145728')
    assert.include(printed, `computed ${PICTURE}, recorded ${PICTURE} credits`)
    ace.ui.switchMode('normal')
  })

  test('every attempt keeps what the vendor takes and what the user paid', async ({
    client,
    assert,
  }) => {
    const studio = await newStudio(client)
    await studio.generated(drawing({ prompt: 'fail:transient:1' }))

    const events = await db.from('usage_events').where('account_id', studio.id).orderBy('attempt')

    assert.deepEqual(
      events.map(({ status, vendor_cost_micro_usd: cost, price_micro: price }) => [
        status,
        Number(cost),
        Number(price),
      ]),
      [
        ['failed', 0, 0],
        ['succeeded', 31_458, 471_870],
      ]
    )
  })
})

test.group('The archive of prices', () => {
  /** The same archive as another process has it. */
  async function another(bus?: Pick<Bus, 'subscribe' | 'publish'>, lookMs?: number) {
    const registry = await app.container.make(PluginRegistry)
    const other = new PostgresPriceArchive({
      sql: await app.container.make(Sql),
      bus: (bus ?? (await app.container.make(Bus))) as Bus,
      lookMs,
      configured: [],
      models: () => registry.models(),
      logger: { warn() {} },
    })
    await other.open()
    return other
  }

  const deaf = { subscribe: () => () => {}, publish() {} }
  const never = 3_600_000

  test('another process sees a page when {title}')
    .with([
      { title: 'it hears of it', bus: undefined, lookMs: never },
      { title: 'it looks, where the word was lost', bus: deaf, lookMs: 20 },
    ])
    .run(async ({ assert, cleanup }, { bus, lookMs }) => {
      const other = await another(bus, lookMs)
      cleanup(() => other.close())
      cleanup(await publish({ target: 'kind:audio', markup: '2', usdPerCredit: '1' }))
      const { book } = await archive()
      const page = book.at('kind:audio', new Date())!

      for (let n = 0; n < 100 && !other.book.at('kind:audio', new Date()); n++) {
        await new Promise((resolve) => setTimeout(resolve, 20))
      }

      assert.deepEqual(other.book.at('kind:audio', new Date()), page)
    })

  test('finds a page and a rule that only the database still knows', async ({ assert }) => {
    const other = await another()
    const { book } = await archive()
    const configured = book.versions.find(({ origin }) => origin === 'config')!

    const found = await other.page(configured.id)

    assert.deepEqual(found.terms, configured.terms)
    await db.table('vendor_prices').insert({
      model: 'gone/painter',
      pin: '1@00000000',
      version: '1',
      source: 'test',
      rule: JSON.stringify({ flat: '0.5' }),
    })
    const price = await other.vendorPrice('gone/painter', '1@00000000')
    assert.deepEqual(price.rule, { flat: '0.5' })
    await assert.rejects(() => other.page('bok_nothing'), /is in no archive/)
    await assert.rejects(() => other.vendorPrice('gone/painter', '2@1'), /is in no archive/)
    other.close()
  })

  test('never changes, not even by hand', async ({ assert }) => {
    for (const table of ['price_book_pages', 'vendor_prices']) {
      await assert.rejects(() => db.from(table).update('source', 'x').where('version', ''), /./)
      await assert.rejects(() => db.from(table).delete(), /Prices are never changed/)
    }
  })
})

test.group('A page that is refused', () => {
  const NOW = new Date()
  const right = { target: 'sandbox/image', markup: '1.5', usdPerCredit: '0.10' }

  test('{title}: told at "{field}", and the book stays as it was')
    .with([
      {
        title: 'a model that is not there',
        page: { ...right, target: 'sandbox/imag' },
        field: 'target',
      },
      {
        title: 'a provider that is not there',
        page: { ...right, target: 'provider:acme' },
        field: 'target',
      },
      {
        title: 'a beginning in the past',
        page: { ...right, effectiveFrom: new Date(NOW.getTime() - 3_600_000).toISOString() },
        field: 'effectiveFrom',
      },
      { title: 'a negative markup', page: { ...right, markup: '-1' }, field: 'markup' },
      {
        title: 'a price that rounds to nothing',
        page: { ...right, rounding: { to: '10', mode: 'nearest' } },
        field: 'markup',
      },
      {
        title: 'both kinds of price',
        page: { ...right, fixed: { credits: '1', per: 'output' } },
        field: 'fixed',
      },
      {
        title: 'seconds of what has none',
        page: { target: 'sandbox/image', fixed: { credits: '1', per: 'second' } },
        field: 'fixed.credits',
      },
    ])
    .run(async ({ assert }, { page, field }) => {
      const action = await app.container.make(PublishPage)
      const { book } = await archive()
      const [{ total: before }] = await db.from('price_book_pages').count('* as total')

      const error = await action.handle(page, 'system:test').catch((thrown) => thrown)

      assert.equal(error.code, 'E_PRICE_BOOK_INVALID')
      assert.equal(error.field, field)
      const [{ total: after }] = await db.from('price_book_pages').count('* as total')
      assert.equal(after, before)
      const { book: now } = await archive()
      assert.strictEqual(now, book)
    })
})

test.group('The commands of prices', (group) => {
  group.each.setup(() => {
    ace.ui.switchMode('raw')
    return () => ace.ui.switchMode('normal')
  })

  test('prices:check finds every model of this installation priced', async ({ assert }) => {
    const command = await ace.exec('prices:check', [])

    assert.equal(command.exitCode, 0)
    const printed = command.logger
      .getLogs()
      .map(({ message }) => message)
      .join('\n')
    assert.match(printed, /\d+ models, seed 20270101, 0 fail/)
  })

  test('prices:set adds a page, and says which field is wrong', async ({ assert, cleanup }) => {
    const wrong = await ace.exec('prices:set', [
      'kind:vector',
      '--markup',
      '-3',
      '--usd-per-credit',
      '1',
    ])
    const right = await ace.exec('prices:set', ['kind:vector', '--fixed', '3', '--note', 'test'])

    assert.equal(wrong.exitCode, 1)
    assert.equal(right.exitCode, 0)
    const { book } = await archive()
    assert.containSubset(book.at('kind:vector', new Date()), {
      note: 'test',
      actor: 'system:console',
      terms: { kind: 'fixed', credits: '3', per: 'output' },
    })
    cleanup(await publish({ target: 'kind:vector', inherit: true }))
  })
})
