import { readdir, readFile } from 'node:fs/promises'
import { connect, type Keepers } from '../harness/keepers.js'
import { Random } from '../model/random.js'
import { runAndExplain } from '../model/explain.js'
import { replay, type Stream } from '../model/stream.js'
import { Broken, type Proof } from '../proof.js'

const REGRESSIONS = new URL('../regressions/', import.meta.url)
const LENGTH = 400
const STREAMS = { small: 6, ci: 50, release: 25_000 }
/** How verbs are answered, what is entered and where grants come from, besides the daily run. */
const WORTH_HEARING = [
  ...['exists', 'conflict', 'account_closed', 'account_in_debt', 'limit_exceeded'].flatMap(
    (word) => [`start ${word}`, `open_hold ${word}`]
  ),
  ...['start waits', 'start observed', 'admit some', 'admit none'],
  ...['start', 'open_hold', 'correct'].map((verb) => `${verb} insufficient_credits`),
  ...['too_much', 'resolved', 'now'].map((word) => `settle_hold ${word}`),
  ...['refunded', 'exists', 'reference_reused', 'refund_exceeds_cost'].map((w) => `refund ${w}`),
  ...['hold_missing', 'hold_not_settled'].map((word) => `refund ${word}`),
  ...['corrected', 'exists', 'reference_reused', 'account_closed'].map((w) => `correct ${w}`),
  ...['booked', 'unchanged', 'stale', 'grant_missing'].map((word) => `claw_back ${word}`),
  ...['sent', 'exists', 'empty', 'reference_reused'].map((word) => `send ${word}`),
  ...['received', 'exists', 'reference_reused'].map((word) => `receive ${word}`),
  ...['repay', 'repay_debt', 'claw_back_debt', 'transfer_out_debt', 'transfer_in_debt'].map(
    (kind) => `entry ${kind}`
  ),
  ...['expired_hold', 'returned', 'claw_back', 'transfer', 'correction'].map(
    (source) => `grant_from ${source}`
  ),
]
/** Most mutants are caught by the first; a survivor had every chance. */
const STREAMS_FOR_MUTANTS = 40

/** One call after the other, in the database and in memory: both must say and keep the same. */
export default {
  name: 'ledger',
  about:
    'made-up streams of every verb, one call after the other, answer and leave what an oracle in memory says, and the invariants hold',
  async run(trial) {
    await using lifetime = new AsyncDisposableStack()
    const url = await trial.server.database(lifetime, 'clocked', trial.mutant)
    const keepers = connect(url, 2)
    lifetime.defer(() => keepers.close())

    const regressions = await replayRegressions(keepers)
    const heard = new Set<string>()
    const streams = trial.mutant ? STREAMS_FOR_MUTANTS : STREAMS[trial.size]
    let n = 0
    for (; n < streams && !trial.isTimeUp(); n++) {
      const random = new Random(trial.seed + n)
      await runAndExplain(trial, keepers, {
        random,
        length: LENGTH,
        heard: (verb, word) => heard.add(`${verb} ${word}`),
      })
    }
    const unheard = WORTH_HEARING.filter((what) => !heard.has(what))
    // Streams in which these never happen show nothing of them.
    if (unheard.length > 0 && n >= STREAMS.ci && !trial.mutant) {
      throw new Broken(`never happened: ${unheard.join(', ')}`)
    }
    return { operations: n * LENGTH, streams: n, regressions }
  },
} satisfies Proof

/** Streams that failed once. */
async function replayRegressions(keepers: Keepers): Promise<number> {
  const names = await readdir(REGRESSIONS)
  const files = names.filter((name) => name.endsWith('.json')).sort()
  for (const file of files) {
    const stream: Stream = JSON.parse(await readFile(new URL(file, REGRESSIONS), 'utf8'))
    const problem = await replay(keepers, stream)
    if (problem) throw new Broken(`the stream of regressions/${file} fails again: ${problem}`)
  }
  return files.length
}
