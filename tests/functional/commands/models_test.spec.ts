import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { test } from '@japa/runner'
import type { PluginManifest } from '#core/plugins/define_plugin'
import configured from '#config/plugins'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))

interface Choice {
  plugin: PluginManifest
  model: PluginManifest['models'][number]
}

/** One that is drawn from words at once, of whichever vendor is on. */
const { plugin, model } = (configured as PluginManifest[])
  .flatMap((one) => one.models.map((candidate) => ({ plugin: one, model: candidate })))
  .filter(
    ({ model: { example, lifecycle } }) => 'prompt' in example && lifecycle.state === 'active'
  )
  .sort((a, b) => rankOf(a) - rankOf(b))[0]
const NAME = `${plugin.id}/${model.id}`

function rankOf({ plugin: { hosts }, model: { execution } }: Choice): number {
  return (hosts ? 0 : 2) + (execution.shape === 'sync' ? 0 : 1)
}

/** As it is run at a terminal; its database is one of its own. */
function tryModels(...words: string[]): Promise<{ said: string; code: number }> {
  const args = ['ace.js', 'models:test', ...words]
  return new Promise((resolve) => {
    execFile(process.execPath, args, { cwd: ROOT, env: process.env }, (error, out, complaints) =>
      resolve({ said: out + complaints, code: error ? Number(error.code) : 0 })
    )
  })
}

test.group('models:test', () => {
  test('orders one of each, checks the money and the files, and says what it cost', async ({
    assert,
  }) => {
    const { said, code } = await tryModels(NAME, 'sandbox/image')

    const row = new RegExp(`^${NAME} +succeeded( +[\\d.]+){5}`, 'm')
    assert.match(said, row)
    assert.match(said, /^sandbox\/image +succeeded/m)
    assert.match(said, /[12] models, 0 fail, 0 violations of the books/)
    assert.equal(code, 0)
  }).timeout(120_000)

  test('a vendor that does not do as it should makes it fail', async ({ assert }) => {
    const { said, code } = await tryModels(NAME, '--words', 'fail:moderation')

    assert.match(said, /FAILS: It failed \(blocked_input\)/)
    assert.match(said, /1 models, 1 fail/)
    assert.equal(code, 1)
  }).timeout(120_000)

  test('asks no vendor without a budget, and tells what there is not', async ({ assert }) => {
    const live = await tryModels('--live')
    assert.match(live.said, /--live --max-credits 20/)
    assert.equal(live.code, 1)

    const stranger = await tryModels('sandbox/imag')
    assert.match(stranger.said, /no model "sandbox\/imag"\. Near: sandbox\/image/)
    assert.equal(stranger.code, 1)
  }).timeout(120_000)
})
