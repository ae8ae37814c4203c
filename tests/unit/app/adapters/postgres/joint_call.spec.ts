import { test } from '@japa/runner'
import { setImmediate as turn } from 'node:timers/promises'
import { JointCall } from '#adapters/postgres/joint_call'

/** Trips that end when the test says so. */
function trips(lock: (n: number) => string = String) {
  const left: { aboard: number[]; arrive(): Promise<void>; fail(): Promise<void> }[] = []
  const joint = new JointCall<number, number>(
    (aboard) =>
      new Promise((resolve, reject) => {
        const settle = async (act: () => void) => {
          act()
          await turn()
          await turn()
        }
        left.push({
          aboard,
          arrive: () => settle(() => resolve(aboard.map((n) => n * 10))),
          fail: () => settle(() => reject(new Error('sunk'))),
        })
      }),
    lock
  )
  return { left, call: (n: number) => joint.call(n) }
}

const aboard = ({ left }: ReturnType<typeof trips>) => left.map((trip) => trip.aboard)

test.group('Calls that travel together', () => {
  test('one that is alone leaves at once', async ({ assert }) => {
    const world = trips()

    const answer = world.call(1)
    assert.deepEqual(aboard(world), [[1]])

    await world.left[0].arrive()
    assert.equal(await answer, 10)
  })

  test('those that come while a trip is under way leave together with its return', async ({
    assert,
  }) => {
    const world = trips()
    const answers = [1, 2, 3, 4, 5, 6].map(world.call)
    // The second found half of the crowd in itself.
    assert.deepEqual(aboard(world), [[1], [2]])

    await world.left[0].arrive()

    assert.deepEqual(aboard(world), [[1], [2], [3, 4, 5, 6]])
    for (const trip of world.left) await trip.arrive()
    assert.deepEqual(await Promise.all(answers), [10, 20, 30, 40, 50, 60])
  })

  test('a second trip leaves before the first is back once half of the crowd is aboard', async ({
    assert,
  }) => {
    const world = trips()
    const first = [1, 2, 3, 4, 5, 6, 7, 8].map(world.call)
    for (const trip of [0, 1, 2]) await world.left[trip].arrive()
    await Promise.all(first)

    const second = [11, 12, 13, 14, 15, 16].map(world.call)

    // Alone, then as many as are half of the eight that there were lately.
    assert.deepEqual(aboard(world).slice(3), [[11], [12, 13, 14, 15]])
    await world.left[3].arrive()
    assert.deepEqual(aboard(world).slice(5), [])
    await world.left[4].arrive()
    assert.deepEqual(aboard(world).slice(5), [[16]])
    await world.left[5].arrive()
    assert.lengthOf(await Promise.all(second), 6)
  })

  test('a trip that fails fails its own passengers, and the next one leaves', async ({
    assert,
  }) => {
    const world = trips()
    const answers = [1, 2, 3].map((n) => world.call(n).catch((error: Error) => error.message))

    await world.left[0].fail()
    await world.left[1].arrive()
    await world.left[2].arrive()

    assert.deepEqual(await Promise.all(answers), ['sunk', 20, 30])
  })

  test('those of one lock never travel in two trips at once', async ({ assert }) => {
    const world = trips((n) => (n < 10 ? 'hot' : String(n)))

    const answers = [1, 2, 3, 4, 11].map(world.call)
    assert.deepEqual(aboard(world), [[1]])

    const others = [12, 13, 14].map(world.call)
    assert.deepEqual(aboard(world), [[1], [11, 12, 13, 14]], 'they do not hold the others up')
    for (const trip of [0, 1]) await world.left[trip].arrive()
    assert.deepEqual(aboard(world).slice(2), [[2, 3, 4]])

    for (const trip of world.left) await trip.arrive()
    assert.deepEqual(await Promise.all(answers), [10, 20, 30, 40, 110])
    assert.deepEqual(await Promise.all(others), [120, 130, 140])
  })
})
