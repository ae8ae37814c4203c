import { connect } from '../harness/keepers.js'
import { runAndExplain } from '../model/explain.js'
import { Random } from '../model/random.js'
import { WEIGHTS } from '../model/stream.js'
import type { Proof } from '../proof.js'

const SCHEDULES = { small: 50, ci: 1_000, release: 100_000 }
const LENGTH = 16

/** What depends on time, more often than in life, and little else. */
const WHEN_TIME_PASSES = {
  ...WEIGHTS,
  grant: 10,
  rule: 10,
  start: 30,
  finish: 10,
  wait: 40,
  zone: 3,
}

/** Nights in which clocks change, leap days, new windows, the tick of an expiry, and clocks that differ. */
export default {
  name: 'clock',
  about:
    'short schedules around the nights in which clocks change, leap days and new windows, with an application an hour ahead or behind, to the tick: as the oracle says',
  async run(trial) {
    await using lifetime = new AsyncDisposableStack()
    const url = await trial.server.database(lifetime, 'clocked', trial.mutant)
    const keepers = connect(url, 2)
    lifetime.defer(() => keepers.close())
    const schedules = SCHEDULES[trial.size]
    let n = 0
    for (; n < schedules && !trial.isTimeUp(); n++) {
      const random = new Random(trial.seed + n).fork('clock')
      await runAndExplain(trial, keepers, { random, length: LENGTH, weights: WHEN_TIME_PASSES })
    }
    return { schedules: n, operations: n * LENGTH }
  },
} satisfies Proof
