import { setTimeout as wait } from 'node:timers/promises'
import db from '@adonisjs/lucid/services/db'
import { test } from '@japa/runner'
import { newId } from '#core/ids'
import { createAsset } from '#app/assets/actions/create_asset'
import { deleteFiles } from '#app/assets/actions/delete_files'
import { openReference } from '#app/assets/actions/open_reference'
import { lockContent } from '#app/assets/content_lock'
import { FileStore } from '#app/assets/file_store'
import { assetQuery } from '#app/assets/queries/asset_query'
import { newOrganisation } from '#tests/factories'
import { picture } from '#tests/functional/assets/samples'

async function kept(accountId: string, bytes: Uint8Array) {
  const created = await createAsset({
    accountId,
    content: { bytes },
    source: 'upload',
    createdBy: 'key:test',
  })
  if (!created.ok) throw new Error(created.refusal.message)
  return created.asset
}

test.group('Delete files', () => {
  test('a deleted asset is gone, and so is its file', async ({ assert }) => {
    const { organisation } = await newOrganisation()
    const asset = await kept(organisation.id, await picture('png'))

    await deleteFiles({ accountId: organisation.id, assetIds: [asset.id] })

    assert.isNull(await assetQuery(organisation.id, asset.id))
    assert.isNull(await new FileStore().size(asset))
    await assert.rejects(() => openReference(organisation.id, asset.id), /Upload the file again/)
  })

  test('a file stays as long as another asset needs it', async ({ assert }) => {
    const { organisation } = await newOrganisation()
    const bytes = await picture('png')
    const one = await kept(organisation.id, bytes)
    const other = await kept(organisation.id, bytes)

    await deleteFiles({ accountId: organisation.id, assetIds: [one.id] })
    assert.equal(await new FileStore().size(other), bytes.length)

    await deleteFiles({ accountId: organisation.id, assetIds: [other.id] })
    assert.isNull(await new FileStore().size(other))
  })

  test("another organisation's file is another file, and safe", async ({ assert }) => {
    const [mine, theirs] = [await newOrganisation(), await newOrganisation()]
    const bytes = await picture('png')
    const asset = await kept(mine.organisation.id, bytes)
    const foreign = await kept(theirs.organisation.id, bytes)

    await deleteFiles({ accountId: mine.organisation.id, assetIds: [asset.id, foreign.id] })

    assert.isNull(await new FileStore().size(asset))
    assert.equal(await new FileStore().size(foreign), bytes.length)
    assert.isNotNull(await assetQuery(theirs.organisation.id, foreign.id))
  })

  test('a repeat removes the file that an interrupted call left', async ({ assert }) => {
    const { organisation } = await newOrganisation()
    const bytes = await picture('png')
    const asset = await kept(organisation.id, bytes)
    await deleteFiles({ accountId: organisation.id, assetIds: [asset.id] })
    await new FileStore().put(asset, { bytes })

    await deleteFiles({ accountId: organisation.id, assetIds: [asset.id] })

    assert.isNull(await new FileStore().size(asset))
  })

  test('waits for whoever is just keeping the same bytes, and leaves them the file', async ({
    assert,
  }) => {
    const { organisation } = await newOrganisation()
    const bytes = await picture('png')
    const asset = await kept(organisation.id, bytes)

    const deletion = await db.transaction(async (trx) => {
      await lockContent(trx, asset)
      const ended = deleteFiles({ accountId: organisation.id, assetIds: [asset.id] })
      await wait(100)
      const copy = { ...(await trx.from('assets').where('id', asset.id).first()), id: newId('ast') }
      await trx
        .insertQuery()
        .table('assets')
        .insert({ ...copy, deleted_at: null })
      return { ended }
    })
    await deletion.ended

    assert.equal(await new FileStore().size(asset), bytes.length)
  })

  test('whoever keeps the same bytes meanwhile has a file afterwards', async ({ assert }) => {
    const { organisation } = await newOrganisation()
    const bytes = await picture('png')
    const asset = await kept(organisation.id, bytes)

    const keeping = await db.transaction(async (trx) => {
      await lockContent(trx, asset)
      const ended = kept(organisation.id, bytes)
      await wait(100)
      await new FileStore().remove(asset)
      return { ended }
    })
    await keeping.ended

    assert.equal(await new FileStore().size(asset), bytes.length)
  })
})
