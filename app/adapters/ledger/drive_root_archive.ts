import { createWriteStream } from 'node:fs'
import { link, mkdir, open, rename, rm } from 'node:fs/promises'
import { randomUUID } from 'node:crypto'
import { dirname, join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { fileURLToPath } from 'node:url'
import type { Disk } from 'flydrive'
import { FSDriver } from 'flydrive/drivers/fs'
import { RootExistsFault } from '#core/ledger/errors'
import type { Head } from '#core/ledger/evidence/books'
import { headOf, lineOf } from '#core/ledger/evidence/head_line'
import { RootArchive, type RootName } from '#core/ledger/evidence/root_archive'
import type { SealedRoot } from '#core/ledger/evidence/signed_root'

const PREFIX = 'ledger-roots'
const DAY = /^\d{4}-\d\d-\d\d$/
const ROOT = /^(\d{10})\.json$/

/**
 * Roots as files of the disk that has the assets, so that several machines with one bucket keep
 * one chain: `ledger-roots/<day>/<number>.json`, the signed text and the seal in a line each, and
 * the heads beside it in `<number>.heads.jsonl`.
 */
export class DriveRootArchive extends RootArchive {
  constructor(private readonly disk: Disk) {
    super()
  }

  async newest(): Promise<RootName | null> {
    const days = await this.#days()
    for (const date of days.reverse()) {
      const names = await this.#namesOf(date)
      if (names.length > 0) return names.at(-1)!
    }
    return null
  }

  async *list(after = 0): AsyncGenerator<RootName> {
    for (const date of await this.#days()) {
      for (const name of await this.#namesOf(date)) if (name.number > after) yield name
    }
  }

  async read(name: RootName): Promise<SealedRoot | null> {
    const text = await this.disk.get(rootFile(name)).catch(() => null)
    if (text === null) return null
    try {
      const [signed, seal] = text.split('\n')
      const { key, signature } = JSON.parse(seal)
      const sound = typeof key === 'string' && typeof signature === 'string'
      return sound ? { text: signed, key, signature } : null
    } catch {
      return null
    }
  }

  async *heads(name: RootName): AsyncGenerator<Head | null> {
    try {
      const stream = await this.disk.getStream(headsFile(name))
      for await (const line of linesOf(stream)) yield headOf(line)
    } catch {
      yield null
    }
  }

  async writeHeads(name: RootName, heads: AsyncIterable<Head>) {
    const content = Readable.from(textOf(heads), { objectMode: false })
    const place = this.#placeOf(headsFile(name))
    if (place) await keepInPlace(place, content, rename)
    else await this.disk.putStream(headsFile(name), content)
  }

  async write(name: RootName, { text, ...seal }: SealedRoot) {
    const content = `${text}\n${JSON.stringify(seal)}\n`
    const place = this.#placeOf(rootFile(name))
    if (place) {
      // A link, unlike a rename, never takes the place of what is there.
      await keepInPlace(place, Readable.from([content]), link).catch((error) => {
        throw error.code === 'EEXIST' ? new RootExistsFault(name.number) : error
      })
    } else {
      if (await this.disk.exists(rootFile(name))) throw new RootExistsFault(name.number)
      await this.disk.put(rootFile(name), content)
    }
  }

  async #days(): Promise<string[]> {
    const names = await this.#names(PREFIX)
    return names.filter((name) => DAY.test(name)).sort()
  }

  async #namesOf(date: string): Promise<RootName[]> {
    const names = await this.#names(`${PREFIX}/${date}`)
    const numbers = names.flatMap((name) => ROOT.exec(name)?.[1] ?? [])
    return numbers.sort().map((number) => ({ number: Number(number), date }))
  }

  /** What a folder has. Nothing where there is none. */
  async #names(folder: string): Promise<string[]> {
    const place = this.#placeOf(folder)
    const names: string[] = []
    let paginationToken: string | undefined
    do {
      const page = await this.disk.listAll(`${folder}/`, { paginationToken }).catch((error) => {
        if (place && error.cause?.code === 'ENOENT') return { objects: [] }
        throw error
      })
      for (const object of page.objects) names.push(object.name)
      paginationToken = 'paginationToken' in page ? page.paginationToken : undefined
    } while (paginationToken)
    return names
  }

  /** The path of a file where the disk is one of this machine. */
  #placeOf(key: string): string | null {
    const { driver } = this.disk
    if (!(driver instanceof FSDriver)) return null
    const { location } = driver.options
    return join(typeof location === 'string' ? location : fileURLToPath(location), key)
  }
}

function rootFile({ date, number }: RootName): string {
  return `${PREFIX}/${date}/${String(number).padStart(10, '0')}.json`
}

function headsFile({ date, number }: RootName): string {
  return `${PREFIX}/${date}/${String(number).padStart(10, '0')}.heads.jsonl`
}

async function* textOf(heads: AsyncIterable<Head>) {
  for await (const head of heads) yield `${lineOf(head)}\n`
}

/** Unlike `readline`, it passes on the stream's errors. */
async function* linesOf(stream: Readable): AsyncGenerator<string> {
  let rest = ''
  for await (const chunk of stream.setEncoding('utf8')) {
    const lines = (rest + chunk).split('\n')
    rest = lines.pop()!
    yield* lines
  }
  if (rest) yield rest
}

/** On disk with all its bytes before it has its name, so that no reader and no crash sees a half. */
async function keepInPlace(
  place: string,
  content: Readable,
  name: (draft: string, place: string) => Promise<void>
) {
  await mkdir(dirname(place), { recursive: true, mode: 0o700 })
  const draft = `${place}.${randomUUID()}.part`
  try {
    await pipeline(content, createWriteStream(draft, { flags: 'wx', mode: 0o600 }))
    const file = await open(draft, 'r+')
    await file.sync().finally(() => file.close())
    await name(draft, place)
  } finally {
    await rm(draft, { force: true })
  }
}
