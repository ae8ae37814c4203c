import { test } from '@japa/runner'
import type { Bus } from '#adapters/bus/bus'

/** What the adapters rely on in the bus between processes. Each call of `makeBus` is another process. */
export function busSuite(keeper: string, makeBus: () => Promise<Bus>) {
  test.group(`Bus on ${keeper}`, (group) => {
    let [here, there]: Bus[] = []
    group.each.setup(async () => {
      ;[here, there] = [await makeBus(), await makeBus()]
      await Promise.all([here.connect(), there.connect()])
      return async () => {
        await Promise.all([here.close(), there.close()])
      }
    })

    /** Settles once the bus has heard `count` words on the topic. */
    const hears = (bus: Bus, topic: string, count: number) => {
      const words: string[] = []
      return new Promise<string[]>((resolve) => {
        bus.subscribe(topic, (word) => words.push(word) === count && resolve(words))
      })
    }

    test('a word is heard at once here and soon there', async ({ assert }) => {
      const heard: string[] = []
      here.subscribe('greeting', (word) => heard.push(word))
      const elsewhere = hears(there, 'greeting', 1)

      here.publish('greeting', 'good morning to all')

      assert.deepEqual(heard, ['good morning to all'])
      assert.deepEqual(await elsewhere, ['good morning to all'])
    })

    test('whoever speaks hears it once, not again from the others', async ({ assert }) => {
      const heard: string[] = []
      here.subscribe('greeting', (word) => heard.push(word))
      const answer = hears(here, 'answer', 1)
      there.subscribe('greeting', () => there.publish('answer', 'heard'))

      here.publish('greeting', 'hello')
      await answer

      assert.deepEqual(heard, ['hello'])
    })

    test('topics are apart, and whoever stopped listening hears no more', async ({ assert }) => {
      const heard: string[] = []
      const stop = there.subscribe('work', (word) => heard.push(word))
      there.subscribe('other', () => heard.push('other'))
      const first = hears(there, 'work', 1)
      here.publish('work', 'one')
      await first
      stop()
      const second = hears(there, 'work', 1)

      here.publish('work', 'two')

      assert.deepEqual(await second, ['two'])
      assert.deepEqual(heard, ['one'])
    })

    test('a burst of hundreds of long words arrives whole', async ({ assert }) => {
      const words = Array.from(
        { length: 350 },
        (_, index) => `org_${'a'.repeat(26)} job_${String(index).padStart(26, '0')}`
      )
      const elsewhere = hears(there, 'events', words.length)

      for (const word of words) here.publish('events', word)

      assert.deepEqual(await elsewhere, words)
    })
  })
}
