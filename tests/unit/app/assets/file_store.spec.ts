import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { Disk } from 'flydrive'
import { FSDriver } from 'flydrive/drivers/fs'
import { test } from '@japa/runner'
import { FileStore } from '#app/assets/file_store'

const key = { accountId: 'org_a', sha256: 'a'.repeat(64) }
const bytes = Buffer.from('0123456789')

/** A driver that is no FSDriver, as that of a bucket is. */
function foreign(driver: FSDriver) {
  return new Proxy({} as FSDriver, {
    get: (_, name: keyof FSDriver) => {
      const member = driver[name]
      return typeof member === 'function' ? member.bind(driver) : member
    },
  })
}

test.group('File store', (group) => {
  let location: string
  group.each.setup(async () => {
    location = await mkdtemp(join(tmpdir(), 'daygen-store-'))
    return () => rm(location, { recursive: true })
  })

  const places: Record<string, () => FileStore> = {
    'on this machine': () =>
      new FileStore(new Disk(new FSDriver({ location, visibility: 'private' }))),
    'in a bucket': () =>
      new FileStore(new Disk(foreign(new FSDriver({ location, visibility: 'private' })))),
  }

  for (const [place, open] of Object.entries(places)) {
    test(`${place}: gives back what was put, whole or in part`, async ({ assert }) => {
      const store = open()
      await store.put(key, { bytes })

      assert.equal(await store.size(key), 10)
      assert.deepEqual(Buffer.from(await store.bytes(key)), bytes)
      assert.deepEqual(await buffer(await store.stream(key)), bytes)
      assert.equal(String(await buffer(await store.stream(key, { start: 2, end: 4 }))), '234')
      assert.equal(String(await buffer(await store.stream(key, { start: 9, end: 9 }))), '9')
    })

    test(`${place}: takes a file of this machine and leaves it there`, async ({ assert }) => {
      const path = join(location, 'incoming')
      await writeFile(path, bytes)
      const store = open()
      await store.put(key, { path })

      assert.deepEqual(Buffer.from(await store.bytes(key)), bytes)
      assert.include(await readdir(location), 'incoming')
    })

    test(`${place}: forgets a file, twice without complaint`, async ({ assert }) => {
      const store = open()
      await store.put(key, { bytes })
      await store.remove(key)
      await store.remove(key)

      assert.isNull(await store.size(key))
    })
  }

  test('does not write a file that is there', async ({ assert }) => {
    const store = places['on this machine']()
    await store.put(key, { bytes })
    await store.put(key, { bytes: Buffer.from('other') })

    assert.deepEqual(Buffer.from(await store.bytes(key)), bytes)
  })

  test('many writers of one file leave one file and no draft', async ({ assert }) => {
    const store = places['on this machine']()
    await Promise.all(Array.from({ length: 20 }, () => store.put(key, { bytes })))

    assert.deepEqual(await readdir(join(location, 'orgs', 'org_a')), [key.sha256])
  })

  test('a draft that could not be finished is not left behind', async ({ assert }) => {
    const store = places['on this machine']()
    await assert.rejects(() => store.put(key, { path: join(location, 'missing') }))

    assert.deepEqual(await readdir(join(location, 'orgs', 'org_a')), [])
    assert.isNull(await store.size(key))
  })

  test('does not leave its folder', async ({ assert }) => {
    const store = places['on this machine']()
    const outside = { accountId: '../../..', sha256: 'passwd' }
    await assert.rejects(() => store.put(outside, { bytes }))
    await assert.rejects(() => store.stream(outside))
  })
})
