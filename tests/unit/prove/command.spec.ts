import { test } from '@japa/runner'
import { readCommand, UsageFault } from '../../../prove/command.js'
import type { Mutant } from '../../../prove/proof.js'

const PROOFS = ['ledger', 'kill']
const MUTANTS: Mutant[] = [{ name: 'no-fence', killedBy: 'ledger', why: '' }]
const read = (line: string) => readCommand(line.split(' ').filter(Boolean), PROOFS, MUTANTS)

test.group('The command line of the proofs', () => {
  test('one proof by name goes in the sizes of every change', ({ assert }) => {
    assert.deepInclude(read('kill --seed 7'), { proofs: ['kill'], size: 'ci', seed: 7 })
  })

  test('--{$self} without a name means all proofs')
    .with(['ci', 'release'] as const)
    .run(({ assert }, size) => {
      assert.deepInclude(read(`--${size}`), { proofs: PROOFS, size })
    })

  test('every run has a seed that can be told', ({ assert }) => {
    assert.isAtLeast(read('kill').seed, 0)
  })

  test('the time of each can be bounded', ({ assert }) => {
    assert.deepInclude(read('ledger --release --minutes 5'), { size: 'release', minutes: 5 })
    assert.isUndefined(read('ledger').minutes)
  })

  test('a mutant is found by its name', ({ assert }) => {
    assert.equal(read('ledger --mutant no-fence').mutant, MUTANTS[0])
  })

  test('"{line}" is refused: {says}')
    .with([
      { line: '', says: 'Name a proof' },
      { line: 'stripes', says: 'There is no proof stripes. There are: ledger, kill.' },
      { line: 'kill --seed -1', says: 'seed' },
      { line: 'kill --seed=1.5', says: '--seed is a whole number, not "1.5".' },
      { line: 'kill --minutes 0', says: '--minutes is a whole number above zero, not "0".' },
      { line: 'kill --ci --release', says: 'Choose one of --ci and --release.' },
      { line: 'kill --fast', says: '--fast' },
      { line: 'ledger --mutant none', says: 'There is no mutant none. There are: no-fence.' },
      { line: '--ci --mutant no-fence', says: 'A mutant is tried on one proof.' },
    ])
    .run(({ assert }, { line, says }) => {
      try {
        read(line)
        assert.fail('it was accepted')
      } catch (error) {
        assert.instanceOf(error, UsageFault)
        assert.include(error.message, says)
      }
    })
})
