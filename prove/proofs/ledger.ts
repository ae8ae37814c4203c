import { readdir, readFile } from 'node:fs/promises'
import { connect, type Keepers } from '../harness/keepers.js'
import { Random } from '../model/random.js'
import { shrink } from '../model/shrink.js'
import { replay, runStream, StreamBroken, type Stream } from '../model/stream.js'
import { Broken, type Proof, type Trial } from '../proof.js'

const REGRESSIONS = new URL('../regressions/', import.meta.url)
const LENGTH = 400
const STREAMS = { small: 6, ci: 50, release: 25_000 }

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
    const streams = STREAMS[trial.size]
    for (let n = 0; n < streams; n++) {
      const random = new Random(trial.seed + n)
      try {
        await runStream(keepers, { random, length: LENGTH })
      } catch (error) {
        throw error instanceof StreamBroken ? await explain(trial, keepers, error) : error
      }
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

/** The shortest stream that fails, to be kept as a regression. */
async function explain(
  { tell, mutant }: Trial,
  keepers: Keepers,
  { message, stream }: StreamBroken
): Promise<Error> {
  // A mutant is only to be caught.
  if (mutant) return new Broken(message)
  const { beginning } = stream
  const operations = await shrink(
    stream.operations,
    async (shorter) => (await replay(keepers, { beginning, operations: shorter })) !== null
  )
  const shortest = { beginning, operations }
  const problem = (await replay(keepers, shortest)) ?? message
  tell(`It failed after ${stream.operations.length} operations, as it does after these:`)
  const lines = operations.map((operation) => `    ${JSON.stringify(operation)}`)
  tell(`{\n  "beginning": ${beginning},\n  "operations": [\n${lines.join(',\n')}\n  ]\n}`)
  tell('Keep them as a file of prove/regressions, and they are replayed ever after.')
  return new Broken(problem)
}
