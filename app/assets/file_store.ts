import { createReadStream } from 'node:fs'
import { copyFile, mkdir, open, rename, rm, writeFile } from 'node:fs/promises'
import { randomUUID } from 'node:crypto'
import { dirname, join } from 'node:path'
import { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import drive from '@adonisjs/drive/services/main'
import type { Disk } from 'flydrive'
import { FSDriver } from 'flydrive/drivers/fs'
import { failpoint } from '#core/failpoint'
import type { ByteRange } from './byte_range.js'
import type { FileContent } from './file_content.js'

/** Names a file of an organisation. Equal content is one file. */
export interface FileKey {
  accountId: string
  sha256: string
}

/** The files of all organisations, on the disk of `config/drive.ts`. */
export class FileStore {
  constructor(private readonly disk: Disk = drive.use()) {}

  /** Writes the file unless it is there. Whoever reads sees all of it or nothing. */
  async put(key: FileKey, content: FileContent): Promise<void> {
    if (await this.disk.exists(nameOf(key))) return
    const place = this.#placeOf(key)
    if (place) return putInPlace(place, content)
    // A bucket shows an object only once it is complete.
    await ('bytes' in content
      ? this.disk.put(nameOf(key), content.bytes)
      : this.disk.putStream(nameOf(key), createReadStream(content.path)))
  }

  /** In bytes; `null` when the file is not there. */
  async size(key: FileKey): Promise<number | null> {
    if (!(await this.disk.exists(nameOf(key)))) return null
    const { contentLength } = await this.disk.getMetaData(nameOf(key))
    return contentLength
  }

  bytes(key: FileKey): Promise<Uint8Array> {
    return this.disk.getBytes(nameOf(key))
  }

  async stream(key: FileKey, range?: ByteRange): Promise<Readable> {
    const place = this.#placeOf(key)
    if (place) return createReadStream(place, range)
    const stream = await this.disk.getStream(nameOf(key))
    return range ? Readable.from(cut(stream, range), { objectMode: false }) : stream
  }

  /** Says nothing when it is gone already. */
  remove(key: FileKey): Promise<void> {
    return this.disk.delete(nameOf(key))
  }

  /** The path of a file where the disk is one of this machine. */
  #placeOf(key: FileKey): string | null {
    const { driver } = this.disk
    if (!(driver instanceof FSDriver)) return null
    const { location } = driver.options
    const root = typeof location === 'string' ? location : fileURLToPath(location)
    // The name as the disk has it, which has refused what would lead out of its folder.
    return join(root, this.disk.file(nameOf(key)).key)
  }
}

function nameOf({ accountId, sha256 }: FileKey): string {
  return `orgs/${accountId}/${sha256}`
}

/** The driver's own `put` and `move` write where readers look; only a rename is atomic. */
async function putInPlace(place: string, content: FileContent) {
  await mkdir(dirname(place), { recursive: true })
  const draft = `${place}.${randomUUID()}.part`
  try {
    if ('bytes' in content) await writeFile(draft, content.bytes)
    else await copyFile(content.path, draft)
    await flush(draft)
    failpoint('during-store')
    await rename(draft, place)
  } catch (error) {
    await rm(draft, { force: true })
    throw error
  }
}

/** A row that says the file is there must not outlive it when the power goes. */
async function flush(path: string) {
  const file = await open(path, 'r+')
  await file.sync().finally(() => file.close())
}

async function* cut(stream: Readable, { start, end }: ByteRange) {
  let at = 0
  for await (const chunk of stream as AsyncIterable<Uint8Array>) {
    const part = chunk.subarray(Math.max(0, start - at), Math.max(0, end + 1 - at))
    if (part.length > 0) yield part
    at += chunk.length
    if (at > end) return
  }
}
