import { setTimeout as wait } from 'node:timers/promises'
import { test } from '@japa/runner'
import { Scheduler, Turns, type Chore } from '#core/schedule/scheduler'

/** Everybody gets a turn. */
class OpenTurns extends Turns {
  async take(_name: string, task: () => Promise<void>) {
    await task()
    return true
  }
}

function schedulerOf(chores: Chore[]) {
  const errors: string[] = []
  const logger = {
    error: ({ err }: { err?: Error }) => void errors.push(err!.message),
  }
  return { scheduler: new Scheduler({ turns: new OpenTurns(), chores, logger }), errors }
}

test.group('Scheduler', () => {
  test('runs each chore at once, and again by the clock until it is stopped', async ({
    assert,
  }) => {
    let runs = 0
    const chore = { name: 'count', everyMs: 5, run: async () => void runs++ }
    const { scheduler } = schedulerOf([chore])

    scheduler.start()
    while (runs < 3) await wait(1)
    await scheduler.stop()

    const stoppedAt = runs
    await wait(30)
    assert.equal(runs, stoppedAt)
  })

  test('a chore that breaks keeps neither others nor its next turn from running', async ({
    assert,
  }) => {
    let runs = 0
    const breaks = async () => {
      runs++
      throw new Error('the database is away')
    }
    let others = 0
    const { scheduler, errors } = schedulerOf([
      { name: 'breaks', everyMs: 5, run: breaks },
      { name: 'other', everyMs: 5, run: async () => void others++ },
    ])

    scheduler.start()
    while (runs < 2 || others < 2) await wait(1)
    await scheduler.stop()

    assert.equal(errors[0], 'the database is away')
  })

  test('stopping waits for what has begun', async ({ assert }) => {
    let done = false
    const run = async () => {
      await wait(20)
      done = true
    }
    const { scheduler } = schedulerOf([{ name: 'slow', everyMs: 60_000, run }])

    scheduler.start()
    await scheduler.stop()

    assert.isTrue(done)
  })
})
