import { mutation } from '../harness/server.js'
import { MUTANTS } from '../mutants.js'
import { Broken, isFailure, type Mutant, type Proof } from '../proof.js'

const SOCIABLE = new Set(['ledger', 'workers', 'relay', 'webhooks', 'batches'])

/** A proof that cannot fail proves nothing. */
export default {
  name: 'mutants',
  about: 'each lock, fence, check and rule that is taken out of the ledger makes a proof fail',
  async run({ proofs, ...trial }) {
    // All are looked at first: one whose text is gone must not be taken for one that was caught.
    for (const mutant of MUTANTS) await mutation(mutant)
    const survivors: string[] = []
    const attempt = async (mutant: Mutant) => {
      const began = performance.now()
      const { default: proof } = await proofs[mutant.killedBy]()
      const isCaught = (seed: number) =>
        proof.run({ ...trial, proofs, size: 'small', mutant, seed, tell() {} }).then(
          () => false,
          (error) => {
            if (!isFailure(error)) throw error
            return true
          }
        )
      let caught = false
      for (let again = 0; again < triesOf(mutant) && !caught; again++) {
        caught = await isCaught(trial.seed + again)
      }
      const seconds = ((performance.now() - began) / 1000).toFixed(1)
      trial.tell(
        `${caught ? 'killed' : 'SURVIVED'} ${mutant.name} by ${mutant.killedBy} (${seconds} s)`
      )
      if (!caught) survivors.push(mutant.name)
    }

    // What goes one call after the other, or waits, leaves room for another; what races, or kills
    // what others need, does not.
    const alone = MUTANTS.filter(({ killedBy }) => !SOCIABLE.has(killedBy))
    for (const mutant of alone) await attempt(mutant)
    const waiting = MUTANTS.filter(({ killedBy }) => SOCIABLE.has(killedBy))
    const lane = async () => {
      for (let next = waiting.shift(); next; next = waiting.shift()) await attempt(next)
    }
    await Promise.all([lane(), lane()])
    if (survivors.length > 0) throw new Broken(`survived: ${survivors.join(', ')}`)
    return { mutants: MUTANTS.length, killed: MUTANTS.length }
  },
} satisfies Proof

/** What is missed only when two are there at one moment may take more than one run of a small size. */
function triesOf({ killedBy }: Mutant): number {
  return killedBy === 'ledger' || killedBy === 'clock' ? 1 : 8
}
