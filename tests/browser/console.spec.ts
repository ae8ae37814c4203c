import app from '@adonisjs/core/services/app'
import { test } from '@japa/runner'
import { Budgets } from '#core/quota/budgets'
import { Quota } from '#core/quota/quota'
import { CallbackUrls } from '#app/outbound/callback_urls'
import { CheckEndpoint } from '#app/webhooks/actions/check_endpoint'
import { CreateEndpoint } from '#app/webhooks/actions/create_endpoint'
import { TellWebhooks } from '#app/webhooks/actions/tell_webhooks'
import { deliveryQuery } from '#app/webhooks/queries/deliveries_query'
import { newOrganisation } from '#tests/factories'
import { askedBatch, batchOnce } from '../functional/admin/asked_batch.js'
import { generated } from '../functional/admin/generated.js'
import { useBrowser } from './console_browser.js'
import { blemishes } from './blemishes.js'

/** Each page with something on it. */
async function pages() {
  const { organisation } = await newOrganisation()
  const webhook = await newWebhook(organisation.id)
  const done = await generated(
    organisation.id,
    'A prompt that is as long as prompts are, with much to say'
  )
  await newLimits(organisation.id)
  const failed = await generated(organisation.id, 'fail:moderation')
  return [
    '/admin?days=90',
    '/admin/try?model=sandbox/image',
    '/admin/try?model=local/resize',
    '/admin/generations',
    '/admin/generations?status=expired&model=local/resize',
    `/admin/generations/${done.id}`,
    `/admin/generations/${failed.id}`,
    '/admin/batches',
    `/admin/batches/${await newBatch(organisation.id)}`,
    '/admin/queue',
    '/admin/organisations',
    `/admin/organisations/${organisation.id}`,
    `/admin/organisations/${organisation.id}/limits`,
    '/admin/budgets',
    '/admin/budgets?id=provider:sandbox&measure=credits&window=month',
    '/admin/notices',
    '/admin/refusals',
    '/admin/keys',
    '/admin/webhooks',
    `/admin/webhooks/${webhook.endpointId}`,
    `/admin/webhooks/${webhook.endpointId}/deliveries/${webhook.deliveryId}`,
    '/admin/models',
    '/admin/price-book',
  ]
}

/** One that has ended, with something of everything. */
async function newBatch(accountId: string) {
  const prompts = ['a hill', 'fail:moderation', 'a lake', 'a pond']
  const id = await askedBatch({ accountId, prompts, budget: '1' })
  await batchOnce(accountId, id, ({ finishedAt }) => finishedAt !== null)
  return id
}

/** Limits of an organisation's own, and budgets over all that have nearly everything left. */
async function newLimits(accountId: string) {
  const [quota, budgets] = [await app.container.make(Quota), await app.container.make(Budgets)]
  const actor = 'system:test'
  const beyond = ['refuse', 'queue', 'observe'] as const
  for (const [n, onExceed] of beyond.entries()) {
    const rule = { scope: 'key', scopeId: '*', measure: 'requests', onExceed } as const
    const window = (['minute', 'hour', 'day'] as const)[n]
    await quota.setRule(accountId, { ...rule, window, limit: 1_000_000n }, actor)
  }
  const limit = 123_456_789_123_456n
  const month = { measure: 'credits', window: 'month', limit, onExceed: 'refuse' } as const
  await budgets.set({ ...month, id: 'provider:sandbox' }, actor)
  await budgets.set({ ...month, id: 'all', window: 'total', onExceed: 'observe' }, actor)
  await budgets.set({ ...month, id: 'model:local/resize', measure: 'images' }, actor)
}

/** An endpoint on this machine, which is not allowed, with a test that could not be delivered. */
async function newWebhook(accountId: string) {
  const create = new CreateEndpoint(new CheckEndpoint(new CallbackUrls({ allow: () => true })))
  const url = `https://127.0.0.1/${'hooks-with-a-long-name/'.repeat(6)}`
  const made = await create.handle({ accountId, url, actor: 'system:test' })
  if (!made.ok) throw new Error(made.problem.message)
  const tell = await app.container.make(TellWebhooks)
  const deliveryId = await tell.test(accountId, made.id)
  for (;;) {
    const delivery = await deliveryQuery(accountId, deliveryId!)
    if (delivery!.state === 'failed') return { endpointId: made.id, deliveryId }
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

test.group('The console in a browser', (group) => {
  const { newOperatorPage, newPage } = useBrowser(group)

  test('is no wider than a phone, and its menu opens', async ({ assert }) => {
    const { page } = await newOperatorPage({ viewport: { width: 390, height: 844 } })

    for (const path of await pages()) {
      await page.goto(path)
      const width = await page.evaluate(() => document.documentElement.scrollWidth)
      assert.isAtMost(width, 390, path)
    }

    const link = page.getByRole('link', { name: 'Organisations' })
    assert.isFalse(await link.isVisible())
    await page.getByText('Menu', { exact: true }).click()
    await link.click()
    await page.waitForURL('**/admin/organisations')
  }).timeout(60_000)

  test('can be read and used by everybody, in {scheme}')
    .with([{ scheme: 'light' as const }, { scheme: 'dark' as const }])
    .run(async ({ assert }, { scheme }) => {
      const { page } = await newOperatorPage({ colorScheme: scheme })

      for (const path of await pages()) {
        await page.goto(path)
        assert.deepEqual(await page.evaluate(blemishes), [], path)
      }
      const stranger = await newPage({ colorScheme: scheme })
      await stranger.goto('/login')
      assert.deepEqual(await stranger.evaluate(blemishes), [], '/login')
    })
    .timeout(90_000)

  test('begins with a way past the menu, for the keyboard', async ({ assert }) => {
    const { page } = await newOperatorPage()
    await page.goto('/admin/keys')

    await page.keyboard.press('Tab')
    const skip = page.getByRole('link', { name: 'Skip to the page' })
    assert.isTrue(await skip.evaluate((link) => link === document.activeElement))
    await page.keyboard.press('Enter')

    assert.equal(await page.evaluate(() => document.activeElement?.id), 'main')
  })

  test('keeps the colours that were chosen, from the first paint on', async ({ assert }) => {
    const { page } = await newOperatorPage({ colorScheme: 'light' })
    const ground = () =>
      page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor)
    const light = await ground()

    await page.getByRole('button', { name: 'Dark colours' }).click()
    const dark = await ground()
    assert.notEqual(dark, light)

    // At "interactive" the scripts that come later have not run: it is what is painted first.
    await page.addInitScript(() => {
      document.addEventListener('readystatechange', () => {
        const { backgroundColor } = getComputedStyle(document.documentElement)
        if (document.readyState === 'interactive') document.title = backgroundColor
      })
    })
    await page.goto('/admin/models')
    assert.equal(await page.title(), dark)
    await page.getByRole('button', { name: 'Light colours' }).click()
    assert.equal(await ground(), light)
  })

  test('grants credits and shows the entry', async ({ assert }) => {
    const { organisation } = await newOrganisation({ credits: '0' })
    const { page } = await newOperatorPage()
    await page.goto(`/admin/organisations/${organisation.id}`)
    await page.getByText('No credits yet').waitFor()

    await page.getByRole('textbox', { name: 'Credits' }).fill('250.5')
    await page.getByLabel('Reason').fill('Invoice 2026-114')
    await page.getByRole('button', { name: 'Grant' }).click()

    await page.getByText('250.50 credits granted to Test studio.').waitFor()
    const entry = await page.locator('#ledger tbody tr').textContent()
    assert.include(entry, 'Invoice 2026-114')
    assert.include(entry, 'Test Operator')
    assert.include(entry, '+250.50')
  })

  test('draws its charts, with the numbers as a table beside them', async ({ assert }) => {
    const { organisation } = await newOrganisation()
    await generated(organisation.id)
    const { page } = await newOperatorPage()
    await page.goto('/admin')

    const drawn = await page
      .locator('canvas')
      .first()
      .evaluate((canvas: HTMLCanvasElement) => {
        const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height)
        return data.some((value) => value > 0)
      })
    assert.isTrue(drawn)
    await page.getByText('The numbers').first().click()
    await page.getByRole('region', { name: 'Credits spent, as a table' }).waitFor()
  })

  test('works without scripts: filters, prices and forms', async ({ assert }) => {
    const { organisation } = await newOrganisation()
    const { page } = await newOperatorPage({ javaScriptEnabled: false })

    await page.goto('/admin/generations')
    await page.getByLabel('Status').selectOption('failed')
    await page.getByRole('button', { name: 'Filter' }).click()
    assert.include(page.url(), 'status=failed')

    await page.goto(`/admin/try?model=sandbox/image&organisation=${organisation.id}`)
    await page.getByLabel('Pictures').fill('2')
    await page.getByRole('button', { name: 'Only tell the price' }).click()
    await page.getByText('0.940035').waitFor()
    await page.getByRole('button', { name: 'Generate' }).click()
    await page.waitForURL('**/admin/generations/gen_*')
  })
})
