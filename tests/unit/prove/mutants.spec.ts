import { readFile } from 'node:fs/promises'
import { test } from '@japa/runner'
import { mutation } from '../../../prove/harness/server.js'
import { markdownOf, mutantTable, tableIn } from '../../../prove/mutant_table.js'
import { MUTANTS } from '../../../prove/mutants.js'

const DOCS = new URL('../../../docs/proofs.md', import.meta.url)

test.group('The mutants', () => {
  test('each finds what it takes out, exactly once', async ({ assert }) => {
    for (const mutant of MUTANTS) {
      const sql = await mutation(mutant)
      assert.isNotEmpty(sql)
    }
  })

  test('one whose text is gone is an error, and none that was caught', async ({ assert }) => {
    const [{ texts, ...mutant }] = MUTANTS
    const gone = texts!.map((text) => ({ ...text, find: 'what nobody ever wrote' }))

    await assert.rejects(() => mutation({ ...mutant, texts: gone }), /0 times, not once/)
  })

  test('no two have a name', ({ assert }) => {
    const names = MUTANTS.map(({ name }) => name)

    assert.deepEqual(names, [...new Set(names)])
  })

  test('those that the proofs promise by name are there', ({ assert }) => {
    const killers = Object.fromEntries(MUTANTS.map(({ name, killedBy }) => [name, killedBy]))

    assert.containSubset(killers, {
      'no-account-lock': 'overspend',
      'no-hold-state': 'kill',
      'lost-for-ever': 'workers',
      'acknowledged-before-written': 'restart',
      'owed-once': 'relay',
      'signature-without-id': 'webhooks',
      'batch-without-budget': 'batches',
      'no-fence': 'deliveries',
    })
    assert.isAtLeast(MUTANTS.length, 20)
  })

  test('docs/proofs.md lists them all, with what kills them', async ({ assert }) => {
    const listed = tableIn(await readFile(DOCS, 'utf8'))
    const table = mutantTable(MUTANTS)

    assert.deepEqual(listed, table, `Its table should be:\n${markdownOf(table)}`)
  })
})
