import { glob, readFile } from 'node:fs/promises'
import { test } from '@japa/runner'
import type { PluginManifest } from '#core/plugins/define_plugin'
import plugins from '#config/plugins'
import { sourceFiles } from './architecture/source_files.js'

/** What tests and proofs order of. */
const FOR_ALL = ['sandbox']
const LIST = 'config/plugins.ts'

const files = await sourceFiles()
const root = new URL('../../', import.meta.url)
const documents: { path: string; text: string }[] = []
for await (const path of glob('{*.md,docs/**/*.md}', { cwd: root })) {
  documents.push({ path, text: await readFile(new URL(path, root), 'utf8') })
}

test.group('A plugin is its folder and its line', () => {
  for (const { id, hosts, models } of plugins as PluginManifest[]) {
    if (FOR_ALL.includes(id)) continue
    const others = files.filter(
      ({ path }) => path !== LIST && !path.startsWith(`plugins/${id}/`) && !isThis(path)
    )

    test(`nothing else imports ${id}`, ({ assert }) => {
      const imports = new RegExp(
        `(from|import\\()\\s*['"\`](#|[./]+)plugins/${id}/|['"]\\.\\./${id}/`
      )
      // What is only spoken of, as the rules of the house are tested.
      const found = others.filter(
        ({ path, text }) => !/architecture/.test(path) && imports.test(text)
      )
      assert.deepEqual(
        found.map(({ path }) => path),
        []
      )
    })

    test(`no document links to the folder of ${id}`, ({ assert }) => {
      const found = documents.filter(({ text }) => text.includes(`plugins/${id}/`))
      assert.deepEqual(
        found.map(({ path }) => path),
        []
      )
    })

    if (!hosts) continue
    test(`nothing else orders a model of ${id} by its name`, ({ assert }) => {
      const names = models.map((model) => `${id}/${model.id}'`)
      const found = others.filter(
        ({ path, text }) =>
          !path.startsWith('plugins/') && names.some((name) => text.includes(name))
      )
      assert.deepEqual(
        found.map(({ path }) => path),
        []
      )
    })
  }
})

function isThis(path: string): boolean {
  return path === 'tests/unit/plugins_removable.spec.ts'
}
