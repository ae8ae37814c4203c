type Sides = Record<string, (phase: 'warm-up' | 'measured') => Promise<unknown>>

type Round<S extends Sides> = { [Side in keyof S]: Awaited<ReturnType<S[Side]>> }

/**
 * Runs the sides in turn, A B A B …, so that a neighbour's noise falls on all of them, after a
 * warm-up of each that counts for nothing. At least three rounds: the caller takes the median of
 * what each round says.
 */
export async function interleave<S extends Sides>(sides: S, rounds: number): Promise<Round<S>[]> {
  if (rounds < 3) throw new RangeError('Fewer than 3 rounds have no median worth the name.')
  for (const side of Object.values(sides)) await side('warm-up')
  const results: Round<S>[] = []
  for (let round = 0; round < rounds; round++) {
    const result: Partial<Round<S>> = {}
    for (const name of Object.keys(sides) as (keyof S)[]) {
      result[name] = (await sides[name]('measured')) as Round<S>[keyof S]
    }
    results.push(result as Round<S>)
  }
  return results
}
