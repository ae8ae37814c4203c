import { fileURLToPath } from 'node:url'
import { test } from '@japa/runner'
import { newOrganisation } from '#tests/factories'
import { useBrowser } from './console_browser.js'

const PHOTO = fileURLToPath(new URL('../../plugins/local/samples/photo.jpg', import.meta.url))

test.group('Trying a model in a browser', (group) => {
  const { newOperatorPage } = useBrowser(group)

  test('tells the price while one types, and the picture appears without a reload', async ({
    assert,
  }) => {
    const { organisation } = await newOrganisation()
    const { page } = await newOperatorPage()
    await page.getByRole('link', { name: 'Try a model' }).first().click()
    await page.goto(`/admin/try?model=sandbox/image&organisation=${organisation.id}`)

    const price = page.locator('[data-price]')
    assert.include(await price.textContent(), '0.470025')
    await page.getByLabel('Pictures').fill('2')
    await price.getByText('0.940035').waitFor()
    await page.getByLabel('Prompt').fill('A slow river slow:3s')
    await page.getByRole('button', { name: 'Generate' }).click()
    await page.waitForURL('**/admin/generations/gen_*')

    let loads = 0
    page.on('load', () => loads++)
    await page.locator('.facts .badge.running').waitFor()
    await page.waitForFunction(() => {
      const bar = document.querySelector('progress')
      return bar !== null && bar.value > 0 && bar.value < 100
    })
    await page.locator('.output img').first().waitFor()

    assert.equal(loads, 0)
    assert.equal(await page.locator('.output img').count(), 2)
    const shown = await page
      .locator('.output img')
      .first()
      .evaluate(async (image: HTMLImageElement) => {
        await image.decode()
        return image.naturalWidth
      })
    assert.isAbove(shown, 1000)
    const story = await page.locator('.timeline .title').allTextContents()
    assert.equal(story[0].trim(), 'Accepted')
    assert.equal(story.at(-1)!.trim(), 'Done')
    await page.getByText('0.940035 held − 0.940035 charged = 0.00 returned').waitFor()
  }).timeout(60_000)

  test('says beside a field what is wrong with it, once somebody has been there', async ({
    assert,
  }) => {
    const { organisation } = await newOrganisation()
    const { page } = await newOperatorPage()
    await page.goto(`/admin/try?model=sandbox/image&organisation=${organisation.id}`)

    await page.getByLabel('Pictures').fill('9')
    await page.getByLabel('Seed').focus()

    const problem = page.locator('[data-field=n] [data-error]')
    await problem.getByText('Pictures must be <= 4.').waitFor()
    assert.equal(await page.getByLabel('Pictures').getAttribute('aria-invalid'), 'true')
    await page.getByLabel('Pictures').fill('3')
    await problem.waitFor({ state: 'hidden' })
  })

  test('takes a picture from the disk, prices it by its size and enlarges it', async ({
    assert,
  }) => {
    const { organisation } = await newOrganisation()
    const { page } = await newOperatorPage()
    await page.goto(`/admin/try?model=local/esrgan-2x&organisation=${organisation.id}`)

    await page.getByLabel('Picture: upload a file').setInputFiles(PHOTO)
    await page.locator('[data-price]').getByText('0.004425').waitFor()
    await page.getByAltText('The chosen file').waitFor()
    await page.getByRole('button', { name: 'Generate' }).click()

    await page.locator('.output img').waitFor({ timeout: 30_000 })
    assert.include(await page.locator('.output figcaption').textContent(), '384 × 384')
  }).timeout(60_000)

  test('can be stopped, after a question', async () => {
    const { organisation } = await newOrganisation()
    const { page } = await newOperatorPage()
    await page.goto(`/admin/try?model=sandbox/image&organisation=${organisation.id}`)
    await page.getByLabel('Prompt').fill('slow:60s')
    await page.getByRole('button', { name: 'Generate' }).click()
    await page.locator('.facts .badge.running').waitFor()

    await page.getByRole('button', { name: 'Cancel it' }).click()
    await page.getByRole('button', { name: 'Keep it' }).click()
    await page.locator('dialog').waitFor({ state: 'detached' })
    await page.getByRole('button', { name: 'Cancel it' }).click()
    await page.getByRole('button', { name: 'Cancel the generation' }).click()

    await page.locator('.facts .badge.canceled').waitFor()
    await page.getByText('Nothing charged').waitFor()
  })

  test('goes back and forth without starting twice', async ({ assert }) => {
    const { organisation } = await newOrganisation()
    const { page } = await newOperatorPage()
    await page.goto(`/admin/try?model=sandbox/image&organisation=${organisation.id}`)
    await page.getByRole('button', { name: 'Generate' }).click()
    await page.waitForURL('**/admin/generations/gen_*')
    const first = page.url()

    await page.goBack()
    await page.getByLabel('Prompt').fill('another hill')
    await page.getByRole('button', { name: 'Generate' }).click()
    await page.waitForURL('**/admin/generations/gen_*')

    assert.notEqual(page.url(), first)
  })
})
