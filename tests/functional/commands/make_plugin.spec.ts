import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { test } from '@japa/runner'
import ts from 'typescript'
import MakePlugin from '../../../commands/make_plugin.js'
import { leftIn } from '#tests/contracts/examples_left'
import { run } from './terminal.js'

const STUBS = fileURLToPath(new URL('../../../stubs/plugin/', import.meta.url))

async function stubs() {
  const entries = await readdir(STUBS, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile())
  return Promise.all(
    files.map(async (file) => {
      const path = join(file.parentPath, file.name)
      return { path: path.slice(STUBS.length), text: await readFile(path, 'utf8') }
    })
  )
}

test.group('make:plugin', () => {
  test('refuses a name that no model could have, and one that is taken', async ({ assert }) => {
    const odd = await run(MakePlugin, ['Acme Labs'])
    assert.equal(odd.exitCode, 1)
    assert.match(odd.said, /is no id. Write lower case letters/)

    const taken = await run(MakePlugin, ['sandbox'])
    assert.equal(taken.exitCode, 1)
    assert.match(taken.said, /There is a plugin in plugins\/sandbox already/)
  })

  test('writes all that a plugin has, in TypeScript that can be read', async ({ assert }) => {
    const all = await stubs()

    const names = all.map(({ path }) => path).sort()
    assert.deepEqual(names, [
      'README.md.txt',
      'client.ts.txt',
      'mapping.ts.txt',
      'models.ts.txt',
      'plugin.ts.txt',
      'provider.ts.txt',
      'tests/contract.spec.ts.txt',
      'tests/fake.ts.txt',
    ])
    for (const { path, text } of all.filter((one) => one.path.endsWith('.ts.txt'))) {
      const filled = text.replace(/\{\{(\w+)\}\}/g, 'Acme')
      const { diagnostics } = ts.transpileModule(filled, { reportDiagnostics: true })
      assert.deepEqual(diagnostics, [], path)
    }
  })

  test('says of each part what is left to write', async ({ assert }) => {
    const left = await leftIn(STUBS, 'plugins/acme')

    for (const { path } of await stubs()) {
      if (path === 'provider.ts.txt') continue
      assert.isTrue(
        left.some((line) => line.startsWith(`plugins/acme/${path}:`)),
        path
      )
    }
    assert.match(left[0], /^plugins\/acme\/README.md.txt:3 what the vendor makes/)
  })
})
