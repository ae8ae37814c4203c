import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import app from '@adonisjs/core/services/app'
import { test } from '@japa/runner'
import { createAsset } from '#app/assets/actions/create_asset'
import { openReference } from '#app/assets/actions/open_reference'
import { resolveReferences } from '#app/assets/actions/resolve_references'
import { assetQuery } from '#app/assets/queries/asset_query'
import { RemoteFiles } from '#app/assets/remote_files'
import { newOrganisation } from '#tests/factories'
import { html, picture } from '#tests/functional/assets/samples'

const rules = {
  image: { mime: ['image/png', 'image/jpeg'], maxMegapixels: 0.01, maxBytes: 100_000 },
  mask: { mime: ['image/png'], maxMegapixels: 0.01, maxBytes: 100_000 },
}
const createdBy = 'key:test'

async function upload(accountId: string, bytes: Uint8Array) {
  const created = await createAsset({ accountId, content: { bytes }, source: 'upload', createdBy })
  if (!created.ok) throw new Error(created.refusal.message)
  return created.asset
}

/** Serves these files at http://files.example:<port>/<name>, and lets only them be fetched. */
async function publish(files: Record<string, Uint8Array>) {
  const asked: string[] = []
  const server = createServer((request, response) => {
    asked.push(request.url!)
    const bytes = files[request.url!.slice(1)]
    response.writeHead(bytes ? 200 : 404).end(bytes)
  }).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as AddressInfo
  app.container.swap(RemoteFiles, () => {
    return new RemoteFiles({
      ports: { 'http:': port },
      resolve: async () => [{ address: '127.0.0.1', family: 4 }],
      allow: () => true,
    })
  })
  return {
    asked,
    url: (name: string) => `http://files.example:${port}/${name}`,
    close: () => {
      app.container.restore(RemoteFiles)
      server.close()
    },
  }
}

test.group('Resolve references', () => {
  test('an input without files stays as it is', async ({ assert }) => {
    const { organisation } = await newOrganisation()
    const input = { prompt: 'a boat' }
    const resolved = await resolveReferences({
      accountId: organisation.id,
      rules,
      input,
      createdBy,
    })

    assert.deepEqual(resolved, { ok: true, input, references: {} })
  })

  test('an asset of the organisation is found with its size', async ({ assert }) => {
    const { organisation } = await newOrganisation()
    const bytes = await picture('png', { width: 30, height: 20 })
    const asset = await upload(organisation.id, bytes)
    const input = { prompt: 'a boat', image: asset.id }
    const resolved = await resolveReferences({
      accountId: organisation.id,
      rules,
      input,
      createdBy,
    })

    assert.deepEqual(resolved, {
      ok: true,
      input,
      references: {
        image: {
          assetId: asset.id,
          sha256: asset.sha256,
          contentType: 'image/png',
          bytes: bytes.length,
          width: 30,
          height: 20,
        },
      },
    })
    const reference = await openReference(organisation.id, asset.id)
    assert.containSubset(reference, { contentType: 'image/png', width: 30, height: 20 })
    assert.deepEqual(Buffer.from(await reference.bytes()), bytes)
  })

  test('a URL becomes an asset of the organisation', async ({ assert, cleanup }) => {
    const { organisation } = await newOrganisation()
    const published = await publish({ 'a.png': await picture('png', { width: 30, height: 20 }) })
    cleanup(published.close)
    const input = { prompt: 'a boat', image: published.url('a.png') }
    const resolved = await resolveReferences({
      accountId: organisation.id,
      rules,
      input,
      createdBy,
    })

    if (!resolved.ok) return assert.fail(resolved.problems[0].message)
    const { assetId } = resolved.references.image
    assert.deepEqual(resolved.input, { prompt: 'a boat', image: assetId })
    assert.containSubset(await assetQuery(organisation.id, assetId), {
      source: 'reference',
      width: 30,
    })
  })

  test('{0} is a problem of its parameter')
    .with<[string, string, string][]>([
      ['an unknown asset', 'ast_01k9nothing', 'asset_not_found'],
      ['a data: URL', 'data:image/png;base64,AAAA', 'reference_invalid'],
      ['a word', 'boat', 'reference_invalid'],
      ['nothing', '', 'reference_invalid'],
      ['a file of this machine', 'file:///etc/passwd', 'reference_invalid'],
      ['an address without encryption', 'http://93.184.215.14/a.png', 'url_invalid'],
      ['the metadata of a cloud', 'https://169.254.169.254/', 'url_not_public'],
    ])
    .run(async ({ assert }, [, image, code]) => {
      const { organisation } = await newOrganisation()
      const resolved = await resolveReferences({
        accountId: organisation.id,
        rules,
        input: { image },
        createdBy,
      })

      assert.containSubset(resolved, { ok: false, problems: [{ code, param: '/input/image' }] })
    })

  test("another organisation's asset is not found", async ({ assert }) => {
    const [mine, theirs] = [await newOrganisation(), await newOrganisation()]
    const asset = await upload(theirs.organisation.id, await picture('png'))
    const resolved = await resolveReferences({
      accountId: mine.organisation.id,
      rules,
      input: { image: asset.id },
      createdBy,
    })

    assert.containSubset(resolved, { ok: false, problems: [{ code: 'asset_not_found' }] })
  })

  test('{0} is refused, uploaded or fetched')
    .with<[string, () => Promise<Uint8Array>, string][]>([
      ['a type the model does not take', () => picture('webp'), 'file_unsupported_type'],
      [
        'a picture the model finds too large',
        () => picture('png', { width: 101, height: 100 }),
        'file_too_many_pixels',
      ],
    ])
    .run(async ({ assert, cleanup }, [, make, code]) => {
      const { organisation } = await newOrganisation()
      const bytes = await make()
      const asset = await upload(organisation.id, bytes)
      const published = await publish({ file: bytes })
      cleanup(published.close)

      for (const image of [asset.id, published.url('file')]) {
        const resolved = await resolveReferences({
          accountId: organisation.id,
          rules,
          input: { image },
          createdBy,
        })
        assert.containSubset(resolved, { ok: false, problems: [{ code, param: '/input/image' }] })
      }
    })

  test('what a URL answers is judged by its bytes', async ({ assert, cleanup }) => {
    const { organisation } = await newOrganisation()
    const published = await publish({ 'a.png': html, 'large.png': new Uint8Array(100_001) })
    cleanup(published.close)
    const resolved = await resolveReferences({
      accountId: organisation.id,
      rules,
      input: { image: published.url('large.png'), mask: published.url('a.png') },
      createdBy,
    })

    if (resolved.ok) return assert.fail('both should be refused')
    assert.sameDeepMembers(
      resolved.problems.map(({ code, param }) => [param, code]),
      [
        ['/input/image', 'file_too_large'],
        ['/input/mask', 'file_unknown_type'],
      ]
    )
  })

  test('nothing is fetched for an input that is refused without', async ({ assert, cleanup }) => {
    const { organisation } = await newOrganisation()
    const published = await publish({ 'a.png': await picture('png') })
    cleanup(published.close)
    const resolved = await resolveReferences({
      accountId: organisation.id,
      rules,
      input: { image: published.url('a.png'), mask: 'ast_01k9nothing' },
      createdBy,
    })

    assert.isFalse(resolved.ok)
    assert.deepEqual(published.asked, [])
  })
})
