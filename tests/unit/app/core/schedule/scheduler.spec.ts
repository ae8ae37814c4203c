import { setTimeout as wait } from 'node:timers/promises'
import { test } from '@japa/runner'
import { Scheduler, Turns, type Chore } from '#core/schedule/scheduler'

/** Everybody gets a turn, and everything is always due. */
class OpenTurns extends Turns {
  async due(chores: Chore[]) {
    return chores.map(({ name }) => name)
  }

  async take({ run }: Chore) {
    await run()
    return 'ran' as const
  }

  async runs() {
    return []
  }
}

const chore = (name: string, run: () => Promise<void>): Chore => ({
  name,
  about: 'for a test',
  everyMs: 5,
  run,
})

function schedulerOf(chores: Chore[], turns: Turns = new OpenTurns(), atOnce = 10) {
  const errors: string[] = []
  const logger = {
    error: ({ err }: { err?: Error }) => void errors.push(err!.message),
  }
  return { scheduler: new Scheduler({ turns, chores, logger, lookEveryMs: 5, atOnce }), errors }
}

test.group('Scheduler', () => {
  test('runs each chore at once, and again by the clock until it is stopped', async ({
    assert,
  }) => {
    let runs = 0
    const { scheduler } = schedulerOf([chore('count', async () => void runs++)])

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
      chore('breaks', breaks),
      chore('other', async () => void others++),
    ])

    scheduler.start()
    while (runs < 2 || others < 2) await wait(1)
    await scheduler.stop()

    assert.equal(errors[0], 'the database is away')
  })

  test('no more run at once than may, and those that are left follow at once', async ({
    assert,
  }) => {
    const done: string[] = []
    let running = 0
    let most = 0
    const named = (name: string) =>
      chore(name, async () => {
        most = Math.max(most, ++running)
        await wait(2)
        running--
        done.push(name)
      })
    const turns = new OpenTurns()
    turns.due = async (chores) =>
      chores.map(({ name }) => name).filter((name) => !done.includes(name))
    const { scheduler } = schedulerOf(['a', 'b', 'c', 'd', 'e'].map(named), turns, 2)

    scheduler.start()
    while (done.length < 5) await wait(1)
    await scheduler.stop()

    assert.equal(most, 2)
    assert.sameMembers(done, ['a', 'b', 'c', 'd', 'e'])
  })

  test('a chore that takes long is not begun twice, and keeps no other waiting', async ({
    assert,
  }) => {
    const end = Promise.withResolvers<void>()
    let [begun, others] = [0, 0]
    const { scheduler } = schedulerOf([
      chore('long', async () => {
        begun++
        await end.promise
      }),
      chore('other', async () => void others++),
    ])

    scheduler.start()
    while (others < 3) await wait(1)
    end.resolve()
    await scheduler.stop()

    assert.equal(begun, 1)
  })

  test('goes on when what is due could not be asked', async ({ assert }) => {
    let asked = 0
    let runs = 0
    class AwayOnce extends OpenTurns {
      async due(chores: Chore[]) {
        if (asked++ === 0) throw new Error('the database is away')
        return super.due(chores)
      }
    }
    const { scheduler, errors } = schedulerOf(
      [chore('count', async () => void runs++)],
      new AwayOnce()
    )

    scheduler.start()
    while (runs < 1) await wait(1)
    await scheduler.stop()

    assert.deepEqual(errors, ['the database is away'])
  })

  test('stopping waits for what has begun', async ({ assert }) => {
    let done = false
    const { scheduler } = schedulerOf([
      chore('slow', async () => {
        await wait(20)
        done = true
      }),
    ])

    scheduler.start()
    await scheduler.stop()

    assert.isTrue(done)
  })
})
