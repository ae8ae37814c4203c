import app from '@adonisjs/core/services/app'
import db from '@adonisjs/lucid/services/db'
import { test } from '@japa/runner'
import sharp from 'sharp'
import { PluginRegistry } from '#core/plugins/registry'
import {
  VendorDownloadFailed,
  VendorHostRefused,
  VendorUnreachable,
  type VendorDownload,
  type VendorFile,
  type VendorHttp,
} from '#core/plugins/vendor_http'
import { JobQueue } from '#core/queue/job_queue'
import { newPicture, newStudio, type Body } from './studio.js'

const MODEL = 'local/resize'
const LINK = 'https://files.vendor.example/a.png?signature=secret'

type Download = (asked: VendorDownload, n: number) => Promise<VendorFile>

/** Has the provider answer with a link, and its vendor's files be fetched as `download` says. */
async function linking(download: Download, cleanup: (undo: () => void) => void) {
  const registry = await app.container.make(PluginRegistry)
  const model = registry.find(MODEL)!
  const provider = registry.provider(model)
  const { submit, usage } = provider
  const { door } = registry
  cleanup(() => {
    Object.assign(provider, { submit, usage })
    Object.assign(registry, { door })
  })
  const calls = { submits: 0, downloads: 0 }
  provider.submit = async () => {
    calls.submits++
    return { status: 'done', outputs: [{ url: LINK }], raw: { task: 'abc' } }
  }
  provider.usage = () => ({ outputs: 1 })
  registry.door = () =>
    ({ download: (asked: VendorDownload) => download(asked, ++calls.downloads) }) as VendorHttp
  return calls
}

const picture = async (): Promise<VendorFile> => {
  const bytes = await sharp({ create: { width: 8, height: 8, channels: 3, background: '#36a' } })
    .png()
    .toBuffer()
  return { bytes, contentType: 'image/png; charset=utf-8' }
}

const resizing = async (accountId: string): Promise<Body> => ({
  model: MODEL,
  input: { image: await newPicture(accountId), width: 8 },
})

test.group('Files that a vendor keeps for us', () => {
  test('are fetched until they come, without asking for the work again', async ({
    client,
    assert,
    cleanup,
  }) => {
    const studio = await newStudio(client)
    const calls = await linking(async ({ url }, n) => {
      assert.equal(url, LINK)
      if (n === 1) throw new VendorUnreachable('Acme', { sent: true, reason: 'ECONNRESET' })
      if (n === 2) throw new VendorDownloadFailed('Acme', 404)
      return picture()
    }, cleanup)

    const { id, status, outputs } = await studio.generated(await resizing(studio.id))

    assert.deepEqual([status, outputs[0].width], ['succeeded', 8])
    assert.deepEqual(calls, { submits: 1, downloads: 3 })
    const { attempts, losses } = await studio.receipt(id)
    assert.lengthOf(attempts, 1)
    assert.deepEqual(losses, [])
  })

  test('{title}: nothing is charged, and what was made is our loss')
    .with([
      { title: 'gone', fault: () => new VendorDownloadFailed('Acme', 410), downloads: 4 },
      { title: 'elsewhere', fault: () => new VendorHostRefused('Acme', 'no.'), downloads: 1 },
    ])
    .run(async ({ client, assert, cleanup }, { fault, downloads }) => {
      const studio = await newStudio(client)
      const calls = await linking(() => Promise.reject(fault()), cleanup)

      const { id, status, error, cost } = await studio.generated(await resizing(studio.id))

      assert.deepEqual([status, error.code, cost.charged], ['failed', 'asset_lost', '0'])
      assert.notInclude(error.message, 'vendor.example')
      assert.deepEqual(calls, { submits: 1, downloads })
      const { losses, hold } = await studio.receipt(id)
      assert.deepEqual(losses, [
        { kind: 'asset_lost', attempt: 1, price: hold.amount, assumed: false },
      ])
      assert.deepEqual(await studio.violations(), [])
    })
    .timeout(20_000)

  test('are not asked for once their links are dead', async ({ client, assert, cleanup }) => {
    const studio = await newStudio(client)
    const registry = await app.container.make(PluginRegistry)
    const model = registry.find(MODEL)!
    const { output } = model
    cleanup(() => void (model.output = output))
    model.output = { ...output, ttlSeconds: 1 }
    const down = () => new VendorUnreachable('Acme', { sent: false, reason: 'ECONNREFUSED' })
    const calls = await linking(() => Promise.reject(down()), cleanup)

    const { error } = await studio.generated(await resizing(studio.id))

    assert.equal(error.code, 'asset_lost')
    assert.deepEqual(calls, { submits: 1, downloads: 2 })
  })

  test('a worker that is lost meanwhile leaves them to the next, and no second submit', async ({
    client,
    assert,
    cleanup,
  }) => {
    const studio = await newStudio(client)
    const queue = await app.container.make(JobQueue)
    const calls = await linking(({ signal }, n) => {
      if (n > 1) return picture()
      return new Promise((_, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason))
      })
    }, cleanup)
    const { id } = await studio.accepted(await resizing(studio.id))
    while (calls.downloads === 0) await new Promise((resolve) => setTimeout(resolve, 10))

    await db
      .from('jobs')
      .where('id', id.replace('gen_', 'job_'))
      .update({ lease_until: db.raw(`clock_timestamp() - interval '1 second'`) })
    await queue.requeueLost(10)
    queue.wake()

    const { status } = await studio.until(id, ({ finished_at: at }) => at !== null)
    assert.equal(status, 'succeeded')
    assert.deepEqual(calls, { submits: 1, downloads: 2 })
    assert.deepEqual(await studio.violations(), [])
  }).timeout(20_000)
})
