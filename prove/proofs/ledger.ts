import { readdir, readFile } from 'node:fs/promises'
import { connect, type Keepers } from '../harness/keepers.js'
import { Random } from '../model/random.js'
import { runAndExplain } from '../model/explain.js'
import { replay, type Stream } from '../model/stream.js'
import { Broken, type Proof } from '../proof.js'

const REGRESSIONS = new URL('../regressions/', import.meta.url)
const LENGTH = 400
const STREAMS = { small: 6, ci: 50, release: 25_000 }
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
    const streams = trial.mutant ? STREAMS_FOR_MUTANTS : STREAMS[trial.size]
    for (let n = 0; n < streams; n++) {
      const random = new Random(trial.seed + n)
      await runAndExplain(trial, keepers, { random, length: LENGTH })
    }
    return { operations: streams * LENGTH, streams, regressions }
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
