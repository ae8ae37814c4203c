import { test } from '@japa/runner'
import { ProgressReport } from '#app/generations/progress_report'

test.group('Progress report', () => {
  test('what is told is written in order, one at a time, whatever each takes', async ({
    assert,
  }) => {
    const written: number[] = []
    let open = 0
    const report = new ProgressReport(async (fraction) => {
      if (++open > 1) assert.fail('two were written at once')
      for (let turn = 0; turn < (written.length % 3) + 1; turn++) await Promise.resolve()
      written.push(fraction)
      open--
    })

    for (const fraction of [0.1, 0.2, 0.3, 0.4, 0.5]) report.tell(fraction)
    await report.settled()

    assert.deepEqual(written, [0.1, 0.2, 0.3, 0.4, 0.5])
  })

  test('a fraction stays between nothing and all, and details come along', async ({ assert }) => {
    const written: unknown[] = []
    const report = new ProgressReport(async (...line) => {
      written.push(line)
    })

    report.tell(-0.5, { step: 'a' })
    report.tell(1.5)
    await report.settled()

    assert.deepEqual(written, [
      [0, { step: 'a' }],
      [1, undefined],
    ])
  })

  test('a database that cannot follow gets no more than it can hold, and then the newest again', async ({
    assert,
  }) => {
    const written: number[] = []
    const { promise: away, resolve: back } = Promise.withResolvers<void>()
    const report = new ProgressReport(async (fraction) => {
      await away
      written.push(fraction)
    })

    for (let index = 1; index <= 1000; index++) report.tell(index / 1000)
    back()
    await report.settled()
    const kept = written.length
    report.tell(1)
    await report.settled()

    assert.isAtMost(kept, 64)
    assert.isAbove(kept, 0)
    assert.equal(written.at(-1), 1)
  })

  test('a line that cannot be written costs nobody else', async ({ assert }) => {
    const written: number[] = []
    const report = new ProgressReport(async (fraction) => {
      if (fraction === 0.5) throw new Error('away')
      written.push(fraction)
    })

    for (const fraction of [0.25, 0.5, 0.75]) report.tell(fraction)
    await report.settled()

    assert.deepEqual(written, [0.25, 0.75])
  })
})
