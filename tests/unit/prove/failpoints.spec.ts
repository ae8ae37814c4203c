import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { test } from '@japa/runner'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))
const REACH = `
  const { failpoint } = await import('#core/failpoint')
  failpoint('after-settle')
  console.log('once')
  failpoint('after-settle')
  console.log('lived')`

/** A process that comes to one failpoint twice. */
function run({ armed, ...env }: { armed: boolean } & Record<string, unknown>) {
  const preload = armed ? ['--import=./prove/kill/armed.ts'] : []
  return spawnSync(
    process.execPath,
    ['--import=@poppinss/ts-exec', ...preload, '--input-type=module', '--eval', REACH],
    { cwd: ROOT, encoding: 'utf8', env: { PATH: process.env.PATH, ...env } as NodeJS.ProcessEnv }
  )
}

test.group('Failpoints', () => {
  test('nothing in the application arms them, whatever the environment says', ({ assert }) => {
    const env = { FAILPOINT: 'after-settle', FAILPOINTS_IN_PRODUCTION: 'yes' }

    assert.include(run({ armed: false, ...env }).stdout, 'lived')
  })

  test('armed, a process dies at the named one, at the time that was asked for', ({ assert }) => {
    const { stdout, signal } = run({ armed: true, FAILPOINT: 'after-settle:2' })

    assert.include(stdout, 'once')
    assert.notInclude(stdout, 'lived')
    assert.equal(signal, 'SIGKILL')
  })

  test('one that is not the named one is passed', ({ assert }) => {
    assert.include(run({ armed: true, FAILPOINT: 'before-store' }).stdout, 'lived')
  })

  test('production takes a second word', ({ assert }) => {
    const env = { NODE_ENV: 'production', FAILPOINT: 'after-settle' }
    const { status, stderr } = run({ armed: true, ...env })

    assert.equal(status, 1)
    assert.include(stderr, 'stay off in production')
  })

  test('a failpoint that does not exist is refused', ({ assert }) => {
    assert.include(
      run({ armed: true, FAILPOINT: 'nowhere' }).stderr,
      'There is no failpoint nowhere'
    )
  })
})
