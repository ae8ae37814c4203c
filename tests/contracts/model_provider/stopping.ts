import { test } from '@japa/runner'
import { readFile } from './files.js'
import { asJson, callOf, failureOf, finish, stationOf, type Subject } from './orders.js'

const TIMEOUT_MS = 60_000

/** Work that is stopped, or goes on in another process. */
export function stoppingSuite({ name, model, open, setup, order, lengthy }: Subject) {
  test.group(`Model provider | ${name} under way`, (group) => {
    setup?.(group)
    const station = stationOf(group, open)
    group.each.timeout(TIMEOUT_MS)

    test('an aborted call starts nothing', async ({ assert }) => {
      const call = await callOf(model, order, { signal: AbortSignal.abort('lease_lost') })

      const failure = await failureOf(station().provider, station().provider.submit(call))
      assert.equal(failure.class, 'canceled')
    })

    test('an abort midway ends the call as canceled', async ({ assert }) => {
      const abort = new AbortController()
      const call = await callOf(model, lengthy, { signal: abort.signal })
      const work = finish(station(), call)
      setTimeout(() => abort.abort('canceled'), 20)

      const failure = await failureOf(station().provider, work)
      assert.equal(failure.class, 'canceled')
    })

    if (model.execution.shape !== 'sync') {
      test('another process finishes what one has submitted', async ({ assert }) => {
        const call = await callOf(model, lengthy)
        const [first, second] = [open(), station()]
        const accepted = await first.provider.submit(call)
        await first.provider.close()

        assert.equal(accepted.status, 'pending')
        const { outputs } = await finish(second, call, asJson(accepted))
        for (const { bytes } of outputs) await readFile(bytes)
        assert.isAbove(outputs.length, 0)
      })

      test('polling a finished work again answers the same', async ({ assert }) => {
        const call = await callOf(model, lengthy)
        const accepted = asJson(await station().provider.submit(call))

        const once = await finish(station(), call, accepted)
        const again = await finish(station(), call, accepted)
        assert.deepEqual(again, once)
      })
    }

    if (model.execution.shape !== 'sync' && model.capabilities.cancel) {
      test('a canceled work ends as canceled', async ({ assert }) => {
        const call = await callOf(model, lengthy)
        const accepted = await station().provider.submit(call)
        if (accepted.status !== 'pending') throw new Error('The lengthy order was done at once.')
        await station().provider.cancel(call, asJson(accepted.handle))

        const failure = await failureOf(station().provider, finish(station(), call, accepted))
        assert.equal(failure.class, 'canceled')
      })
    }
  })
}
