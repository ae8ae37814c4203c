import { test } from '@japa/runner'
import { newId } from '#core/ids'
import { createAsset } from '#app/assets/actions/create_asset'
import { sha256Of } from '#app/assets/file_content'
import { FileStore } from '#app/assets/file_store'
import { assetQuery } from '#app/assets/queries/asset_query'
import { newOrganisation } from '#tests/factories'
import { bomb, picture } from '#tests/functional/assets/samples'

const source = 'upload' as const
const createdBy = 'key:test'

async function kept(accountId: string, bytes: Uint8Array) {
  const created = await createAsset({ accountId, content: { bytes }, source, createdBy })
  if (!created.ok) throw new Error(created.refusal.message)
  return created.asset
}

test.group('Create asset', () => {
  test('keeps a file and its row', async ({ assert }) => {
    const { organisation } = await newOrganisation()
    const bytes = await picture('jpeg', { width: 12, height: 8 })
    const asset = await kept(organisation.id, bytes)

    assert.match(asset.id, /^ast_[0-9a-z]{26}$/)
    assert.containSubset(asset, {
      source,
      contentType: 'image/jpeg',
      bytes: bytes.length,
      width: 12,
      height: 8,
      durationMs: null,
    })
    assert.deepEqual(await assetQuery(organisation.id, asset.id), asset)
  })

  test('equal bytes are two assets and one file', async ({ assert }) => {
    const { organisation } = await newOrganisation()
    const bytes = await picture('png')
    const [one, other] = await Promise.all([
      kept(organisation.id, bytes),
      kept(organisation.id, bytes),
    ])

    assert.notEqual(one.id, other.id)
    assert.equal(one.sha256, other.sha256)
  })

  test('refuses a file without keeping anything', async ({ assert }) => {
    const { organisation } = await newOrganisation()
    const id = newId('ast')
    const created = await createAsset({
      accountId: organisation.id,
      content: { bytes: bomb(20_000, 20_000) },
      source,
      createdBy,
      id,
    })

    assert.containSubset(created, {
      ok: false,
      refusal: { type: 'file_too_many_pixels', pixels: 4e8 },
    })
    assert.isNull(await assetQuery(organisation.id, id))
  })

  test('of two with the same id one is kept, and no file of the other', async ({ assert }) => {
    const { organisation } = await newOrganisation()
    const accountId = organisation.id
    const id = newId('ast')
    const contents = [await picture('png'), await picture('png')]
    const results = await Promise.all(
      contents.map((bytes) => createAsset({ accountId, content: { bytes }, source, createdBy, id }))
    )

    assert.sameMembers(
      results.map((result) => (result.ok ? 'kept' : result.refusal.type)),
      ['kept', 'id_taken']
    )
    const asset = await assetQuery(accountId, id)
    const sizes = await Promise.all(
      contents.map(async (bytes) => {
        const sha256 = await sha256Of({ bytes })
        const size = await new FileStore().size({ accountId, sha256 })
        return size === null ? 'gone' : sha256
      })
    )
    assert.sameMembers(sizes, ['gone', asset!.sha256])
  })
})
