import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { test } from '@japa/runner'
import type { PluginManifest } from '#core/plugins/define_plugin'

const MARK = /^\s*(?:\/\/|<!--) EXAMPLE: (.+?)(?: -->)?$/

/** Fails with what is left to do in a plugin that was just scaffolded, line by line. */
export function examplesLeft({ id }: PluginManifest) {
  test.group(`${id} is written for its vendor`, () => {
    test('and no line of the scaffold is left', async () => {
      const folder = fileURLToPath(new URL(`../../plugins/${id}/`, import.meta.url))
      const left = await leftIn(folder, `plugins/${id}`)
      if (left.length > 0) throw new Error(`Write, and take the line away:\n${left.join('\n')}`)
    })
  })
}

/** `plugins/acme/models.ts:3 each model …` for each. */
export async function leftIn(folder: string, name: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries
    .filter((entry) => entry.isFile())
    .map((one) => join(one.parentPath, one.name))
  const left: string[] = []
  for (const file of files.sort()) {
    const text = await readFile(file, 'utf8')
    for (const [n, line] of text.split('\n').entries()) {
      const [, task] = MARK.exec(line) ?? []
      if (task) left.push(`${name}/${file.slice(folder.length)}:${n + 1} ${task}`)
    }
  }
  return left
}
