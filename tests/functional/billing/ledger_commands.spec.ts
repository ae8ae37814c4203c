import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import app from '@adonisjs/core/services/app'
import { test } from '@japa/runner'
import { Installation } from '#tests/functional/onboarding/installation'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))

test.group('Commands of the ledger', (group) => {
  group.each.timeout(120_000)
  let installation: Installation
  let directory: string
  let environment: Record<string, string>

  group.setup(async () => {
    installation = await Installation.make()
    directory = await mkdtemp(join(tmpdir(), 'daygen-ledger-'))
    const server = await installation.start({ DATA_DIR: directory })
    const [{ name }] = await installation.rows('select current_database() as name')
    const url = new URL(process.env.DATABASE_URL!)
    url.pathname = `/${name}`
    environment = { DATABASE_URL: url.href, DATA_DIR: directory }
    await server.stop()
    return async () => {
      await installation.remove()
      await rm(directory, { recursive: true, force: true })
    }
  })

  const ace = (words: string[], more: Record<string, string> = {}) =>
    new Promise<{ code: number; out: string; err: string }>((resolve) => {
      const env = { ...process.env, NODE_ENV: 'development', ...environment, ...more }
      execFile(process.execPath, ['ace.js', ...words], { cwd: ROOT, env }, (error, out, err) =>
        resolve({ code: error ? Number(error.code) : 0, out, err })
      )
    })

  const codeOf = async (words: string[]) => {
    const { code } = await ace(words)
    return code
  }

  test('the key is made at the first start, for its owner alone', async ({ assert }) => {
    const file = join(directory, 'ledger-key.pem')
    const { mode } = await stat(file)
    assert.equal(mode & 0o777, 0o600)
    const before = await readFile(file, 'utf8')

    const { code, out } = await ace(['ledger:public-key'])

    assert.equal(code, 0)
    assert.match(out, /^-----BEGIN PUBLIC KEY-----\n\S+\n-----END PUBLIC KEY-----\n$/)
    assert.equal(await readFile(file, 'utf8'), before)
    const given = await ace(['ledger:public-key'], { LEDGER_KEY: before.replaceAll('\n', '\\n') })
    assert.equal(given.out, out)
    const elsewhere = await ace(['ledger:public-key'], { LEDGER_KEY: file })
    assert.equal(elsewhere.out, out)
  })

  test('{title} is no key, and the message says what is')
    .with([
      { title: 'a file that is not there', key: '/nowhere/key.pem' },
      { title: 'a directory', key: tmpdir() },
      { title: 'something that looks like one', key: '-----BEGIN PRIVATE KEY-----\\nx' },
    ])
    .run(async ({ assert }, { key }) => {
      const { code, out, err } = await ace(['ledger:public-key'], { LEDGER_KEY: key })

      assert.equal(code, 1)
      assert.match(out + err, /has to be an Ed25519 private key as PEM/)
    })

  test('a proof that was exported is proved offline, as the guide says', async ({ assert }) => {
    const proof = join(directory, 'proof.jsonl')
    const key = join(directory, 'public.pem')
    assert.equal(await codeOf(['ledger:export', '--format=proof', `--output=${proof}`]), 0)
    const { mode } = await stat(proof)
    assert.equal(mode & 0o777, 0o600)
    const { out: pem } = await ace(['ledger:public-key'])
    await writeFile(key, pem)

    const said = await new Promise<string>((resolve) => {
      const words = [join(ROOT, 'bin/ledger_verify_offline.js'), proof, key]
      execFile(process.execPath, words, (_error, out) => resolve(out))
    })

    assert.match(said, /checked 2 accounts, 3 entries, \d+ roots/)
  })

  test('a file that is there is only replaced when asked to', async ({ assert }) => {
    const file = join(directory, 'ledger.csv')
    await writeFile(file, 'mine')

    const refused = await ace(['ledger:export', '--format=csv', `--output=${file}`])
    assert.equal(refused.code, 1)
    assert.match(refused.out + refused.err, /is there already/)
    assert.equal(await readFile(file, 'utf8'), 'mine')

    assert.equal(await codeOf(['ledger:export', '--format=csv', `--output=${file}`, '--force']), 0)
    const text = await readFile(file, 'utf8')
    const lines = text.trimEnd().split('\r\n')
    assert.lengthOf(lines, 4)
    assert.match(lines[1], /,grant,1000,1000,/)
  })

  test('a period that has nothing is an export of nothing', async ({ assert }) => {
    const { code, out } = await ace(['ledger:export', '--format=csv', '--to=2020-01-01'])

    assert.equal(code, 0)
    assert.match(out, /^account,seq,[^\n]*\r\n$/)
  })

  test('what is wrong is printed for people and for machines, with exit code 1', async ({
    assert,
  }) => {
    const right = await ace(['ledger:verify', '--json'])
    assert.equal(right.code, 0)
    assert.containsSubset(JSON.parse(right.out), {
      ok: true,
      accounts: 2,
      entries: 3,
      violations: [],
    })
    await installation.db.query('alter table entries disable trigger user')
    await installation.db.query('update entries set amount_micro = 1 where seq = 2')

    const json = await ace(['ledger:verify', '--json'])
    assert.equal(json.code, 1)
    const { ok, violations } = JSON.parse(json.out)
    assert.isFalse(ok)
    assert.containsSubset(violations[0], { seq: '2', rule: '2 an entry is as it was written' })
    const text = await ace(['ledger:verify'])
    assert.equal(text.code, 1)
    assert.match(
      text.out + text.err,
      /org_\w+, entry 2: 2 an entry is as it was written \(expected hash/
    )
    assert.match(text.out, /^\d+ violations$/m)
  })
})

test.group('Commands of the ledger that are misused', () => {
  test('{$self} is refused, and told why')
    .with([
      [],
      ['--format=xml'],
      ['--format=csv', '--from=yesterday'],
      ['--format=csv', '--to=2026-13-45'],
      ['--format=csv', '--from=2026-11-02', '--to=2026-11-01'],
      ['--format=proof', '--from=2026-11-02'],
      ['--format=journal', '--org=org_nobody'],
      ['--format=journal', '--output=/nowhere/x'],
    ])
    .run(async ({ assert }, words) => {
      const said = await refusal('ledger:export', words)

      assert.match(said, /\[ red\(error\) \] .{20}/)
    })

  test('an organisation that is not there is not verified', async ({ assert }) => {
    assert.match(await refusal('ledger:verify', ['--org=org_nobody']), /no account org_nobody/)
  })

  /** What a command said that ended with exit code 1. */
  async function refusal(name: string, words: string[]): Promise<string> {
    const kernel = await app.container.make('ace')
    kernel.ui.switchMode('raw')
    try {
      const command = await kernel.exec(name, words)
      if (command.exitCode !== 1) throw new Error(`It ended with ${command.exitCode}.`)
      return command.logger
        .getLogs()
        .map(({ message }) => message)
        .join('\n')
    } finally {
      kernel.ui.switchMode('normal')
    }
  }
})
