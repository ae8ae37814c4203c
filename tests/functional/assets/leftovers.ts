import assert from 'node:assert/strict'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Fails a test that leaves a temporary file behind. */
export async function noLeftovers() {
  const before = process.env.TMPDIR
  const directory = await mkdtemp(join(tmpdir(), 'daygen-leftovers-'))
  process.env.TMPDIR = directory
  return async () => {
    process.env.TMPDIR = before ?? '/tmp'
    const left = await readdir(directory)
    await rm(directory, { recursive: true })
    assert.deepEqual(left, [])
  }
}
