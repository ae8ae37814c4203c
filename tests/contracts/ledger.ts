import { test } from '@japa/runner'
import { anySequenceSuite } from './ledger/any_sequence.js'
import { clawingBackSuite } from './ledger/clawing_back.js'
import { correctingSuite } from './ledger/correcting.js'
import { directHoldsSuite } from './ledger/direct_holds.js'
import { grantingSuite } from './ledger/granting.js'
import { mergingSuite } from './ledger/merging.js'
import { readingSuite } from './ledger/reading.js'
import { refundingSuite } from './ledger/refunding.js'
import { rememberingSuite } from './ledger/remembering.js'
import { tamperingSuite } from './ledger/tampering.js'
import { workedExamplesSuite } from './ledger/worked_examples.js'
import type { World } from './metered_jobs/world.js'

/** What everybody relies on in the ledger, whoever keeps it. */
export function ledgerSuite(keeper: string, open: () => Promise<World>) {
  for (const [subject, suite] of Object.entries({
    'grants': grantingSuite,
    'refunds': refundingSuite,
    'corrections': correctingSuite,
    'claw-backs': clawingBackSuite,
    'direct holds': directHoldsSuite,
    'closing and merging': mergingSuite,
    'balance and entries': readingSuite,
    'any instant, and losses': rememberingSuite,
    'any sequence': anySequenceSuite,
    'the examples of its README': workedExamplesSuite,
    'tampering': tamperingSuite,
  })) {
    test.group(`Ledger on ${keeper}: ${subject}`, (group) => {
      let world: World
      group.setup(async () => {
        world = await open()
      })
      group.each.teardown(() => settle(world))
      suite(() => world)
    })
  }
}

const blamed = new WeakMap<World, Set<string>>()

/** After every test the books must be right, with nothing left to do. Each wrong account is told once. */
export async function settle(world: World) {
  await world.finishAll()
  const known = blamed.get(world) ?? new Set<string>()
  const violations = await world.ledger.verify()
  const fresh = violations.filter(({ accountId }) => !known.has(accountId))
  blamed.set(world, new Set([...known, ...fresh.map(({ accountId }) => accountId)]))
  if (fresh.length > 0) throw new Error(`The books are wrong: ${JSON.stringify(fresh)}`)
}
