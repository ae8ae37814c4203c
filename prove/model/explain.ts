import type { Keepers } from '../harness/keepers.js'
import { Broken, type Trial } from '../proof.js'
import { shrink } from './shrink.js'
import { replay, runStream, StreamBroken, type Stream } from './stream.js'

/** Runs a stream. One that fails is told as the shortest that does, to be kept as a regression. */
export async function runAndExplain(
  { tell, mutant }: Pick<Trial, 'tell' | 'mutant'>,
  keepers: Keepers,
  options: Parameters<typeof runStream>[1]
) {
  try {
    await runStream(keepers, options)
  } catch (error) {
    // A mutant is only to be caught.
    if (!(error instanceof StreamBroken) || mutant) throw error
    throw await explained(tell, keepers, error)
  }
}

async function explained(
  tell: Trial['tell'],
  keepers: Keepers,
  { message, stream }: StreamBroken
): Promise<Broken> {
  const fails = async (operations: Stream['operations']) =>
    (await replay(keepers, { ...stream, operations })) !== null
  const operations = await shrink(stream.operations, fails)
  const { beginning, skew } = stream
  const problem = (await replay(keepers, { beginning, skew, operations })) ?? message
  const lines = operations.map((operation) => `    ${JSON.stringify(operation)}`)
  tell(`It failed after ${stream.operations.length} operations, as it does after these:`)
  tell(
    `{\n  "beginning": ${beginning},\n  "skew": ${skew},\n  "operations": [\n${lines.join(',\n')}\n  ]\n}`
  )
  tell('Keep them as a file of prove/regressions, and they are replayed ever after.')
  return new Broken(problem)
}
