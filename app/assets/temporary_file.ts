import { randomUUID } from 'node:crypto'
import { open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'

export type Received = { ok: true; file: TemporaryFile } | { ok: false; reason: 'too_large' }

/** A file that came in and is not kept yet. Whoever has it removes it. */
export class TemporaryFile {
  private constructor(
    readonly path: string,
    readonly size: number
  ) {}

  /**
   * Writes a stream down, as long as it has at most `maxBytes`. A longer one is left as it
   * is, unread: what becomes of its sender is the caller's matter.
   */
  static async receive(stream: Readable, maxBytes: number): Promise<Received> {
    const path = join(tmpdir(), `daygen-upload-${randomUUID()}`)
    const file = await open(path, 'wx', 0o600)
    let bytes = 0
    try {
      for await (const chunk of stream.iterator({
        destroyOnReturn: false,
      }) as AsyncIterable<Uint8Array>) {
        bytes += chunk.length
        if (bytes > maxBytes) break
        await file.write(chunk)
      }
    } catch (error) {
      await rm(path, { force: true })
      throw error
    } finally {
      await file.close()
    }
    const received = new TemporaryFile(path, bytes)
    if (bytes <= maxBytes) return { ok: true, file: received }
    await received.remove()
    return { ok: false, reason: 'too_large' }
  }

  /** Says nothing when it is gone already. */
  remove(): Promise<void> {
    return rm(this.path, { force: true })
  }
}
