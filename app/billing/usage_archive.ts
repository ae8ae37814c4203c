import { createWriteStream } from 'node:fs'
import { mkdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import type { UsageRecord } from '#core/usage/usage_retention'

/**
 * Writes events to `usage_events_<month>.csv.gz`, whole or not at all: the file has its name only
 * once it is on disk. Answers its path and how many there were.
 */
export async function archiveUsage(
  directory: string,
  month: string,
  pages: AsyncIterable<UsageRecord[]>
): Promise<{ path: string; events: bigint }> {
  await mkdir(directory, { recursive: true })
  const path = join(directory, `usage_events_${month}.csv.gz`)
  const partial = `${path}.partial`
  let events = 0n
  async function* lines() {
    for await (const page of pages) {
      if (events === 0n) yield csvLine(Object.keys(page[0]))
      events += BigInt(page.length)
      yield page.map((record) => csvLine(Object.values(record))).join('')
    }
  }
  try {
    // On disk before it has its name: what it holds is dropped next.
    const file = createWriteStream(partial, { flush: true })
    await pipeline(Readable.from(lines()), createGzip(), file)
    await rename(partial, path)
  } catch (error) {
    await rm(partial, { force: true })
    throw error
  }
  return { path, events }
}

function csvLine(values: (string | null)[]): string {
  return `${values.map(cell).join(',')}\r\n`
}

function cell(value: string | null): string {
  const text = value ?? ''
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
