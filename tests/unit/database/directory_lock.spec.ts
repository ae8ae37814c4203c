import { test } from '@japa/runner'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as nextTick } from 'node:timers/promises'
import { withDirectoryLock } from '#database/embedded/directory_lock'
import { isRunning, stampOf } from '#database/embedded/process_stamp'

test.group('Directory lock', (group) => {
  let directory: string
  let lock: string

  group.each.setup(() => {
    directory = mkdtempSync(join(tmpdir(), 'daygen-lock-'))
    lock = join(directory, 'lock')
    return () => rmSync(directory, { recursive: true, force: true })
  })

  test('lets one in at a time, and does not wait for a dead process', async ({ assert }) => {
    writeFileSync(lock, await stampOfDeadProcess())
    let inside = 0
    let most = 0
    const visits = Array.from({ length: 10 }, () =>
      withDirectoryLock(lock, async () => {
        most = Math.max(most, ++inside)
        await nextTick()
        inside--
      })
    )

    await Promise.all(visits)
    assert.equal(most, 1)
    assert.isFalse(existsSync(lock))
  })

  test('opens again when the work fails', async ({ assert }) => {
    const failing = withDirectoryLock(lock, async () => {
      throw new Error('disk full')
    })
    await assert.rejects(() => failing, 'disk full')

    assert.equal(await withDirectoryLock(lock, async () => 'entered'), 'entered')
  })

  test('tells a process from a later one of the same number', async ({ assert }) => {
    const stamp = stampOf(process.pid)!
    assert.isTrue(isRunning(stamp))
    assert.isFalse(isRunning(`${process.pid} 1`))
    assert.isFalse(isRunning(await stampOfDeadProcess()))
    assert.isFalse(isRunning(''))
  })
})

async function stampOfDeadProcess(): Promise<string> {
  // It waits for its input, so that it surely lives when it is looked at.
  const child = spawn('cat', { stdio: ['pipe', 'ignore', 'ignore'] })
  const stamp = stampOf(child.pid!)!
  child.kill('SIGKILL')
  await once(child, 'exit')
  return stamp
}
