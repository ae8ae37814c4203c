import { test } from '@japa/runner'
import { upperPrice, actualPrice } from '#core/prices/price_model'
import { callOf, failureOf, finish, type CallOptions } from '#tests/contracts/model_provider/orders'
import { Nowhere } from '#tests/plain_tools'
import { plainTerms } from '#tests/plain_terms'
import { models } from '../models.js'
import { SandboxProvider } from '../provider.js'

const [image, video] = models

const imageCall = (prompt: string, input: object = {}, options: CallOptions = {}) =>
  callOf(image, { input: { prompt, seed: 1, ...input } }, options)

const stationWith = (provider: SandboxProvider) => ({ provider, http: new Nowhere() })

/** A provider whose clock stands still until it is told to go on. */
function atNoon() {
  let now = Date.UTC(2026, 0, 1, 12)
  const provider = new SandboxProvider({ now: () => new Date(now) })
  return { provider, pass: (ms: number) => (now += ms) }
}

test.group('Sandbox provider', () => {
  test('{prompt} fails as {errorClass}')
    .with([
      { prompt: 'fail:moderation', errorClass: 'blocked_input' },
      { prompt: 'fail:output', errorClass: 'blocked_output' },
      { prompt: 'fail:provider', errorClass: 'provider_failed' },
      { prompt: 'partial:0/1', errorClass: 'no_output' },
    ])
    .run(async ({ assert }, { prompt, errorClass }) => {
      const { provider } = atNoon()
      for (const attempt of [1, 2, 3]) {
        const call = await imageCall(prompt, {}, { attempt })
        const failure = await failureOf(provider, provider.submit(call))
        assert.equal(failure.class, errorClass)
      }
    })

  test('fail:transient spoils the first attempts and no more', async ({ assert }) => {
    const { provider } = atNoon()
    for (const attempt of [1, 2]) {
      const call = await imageCall('fail:transient:2', {}, { attempt })
      const failure = await failureOf(provider, provider.submit(call))
      assert.equal(failure.class, 'transient_before_accept')
    }

    const answer = await provider.submit(await imageCall('fail:transient:2', {}, { attempt: 3 }))
    assert.equal(answer.status, 'done')
  })

  test('fail:rate asks a job to wait for a second and then takes it', async ({ assert }) => {
    const { provider, pass } = atNoon()
    const call = await imageCall('fail:rate')
    const first = await failureOf(provider, provider.submit(call))
    assert.containSubset(first, { class: 'rate_limited', retryAfterMs: 1000 })

    pass(400)
    const early = await failureOf(provider, provider.submit(call))
    assert.equal(early.retryAfterMs, 600)

    pass(600)
    const answer = await provider.submit(call)
    assert.equal(answer.status, 'done')
  })

  test('a failure of a slow work shows only at its end', async ({ assert }) => {
    const { provider, pass } = atNoon()
    const call = await imageCall('fail:output slow:2s')
    const accepted = await provider.submit(call)
    if (accepted.status !== 'pending') throw new Error('It was done at once.')

    pass(2000)
    const failure = await failureOf(provider, provider.poll(call, accepted.handle))
    assert.equal(failure.class, 'blocked_output')
  })

  test('slow: makes a job wait, and tells how far it is', async ({ assert }) => {
    const seen: number[] = []
    const { provider, pass } = atNoon()
    const call = await imageCall('slow:5s', {}, { progress: (part) => seen.push(part) })
    const accepted = await provider.submit(call)
    if (accepted.status !== 'pending') throw new Error('It was done at once.')

    pass(4000)
    const answer = await provider.poll(call, accepted.handle)
    assert.equal(answer.status, 'pending')
    assert.deepEqual(seen, [0.8])
    pass(1000)
    const end = await provider.poll(call, accepted.handle)
    assert.equal(end.status, 'done')
  })

  test('partial: delivers and measures less than was asked', async ({ assert }) => {
    const { provider } = atNoon()
    const { outputs, raw } = await finish(
      stationWith(provider),
      await imageCall('partial:2/4', { n: 4 })
    )

    assert.lengthOf(outputs, 2)
    assert.containSubset(provider.usage(raw), { outputs: 2, pixelsOut: 2 * 1024 * 1024 })
  })

  test('cost: measures more than was priced, of pictures and of films', async ({ assert }) => {
    const { provider, pass } = atNoon()
    const calls = [
      { model: image, call: await imageCall('cost:+50%') },
      { model: video, call: await callOf(video, { input: { prompt: 'cost:+50%', duration: 1 } }) },
    ]
    for (const { model, call } of calls) {
      const accepted = await provider.submit(call)
      pass(1000)
      const { raw } = await finish(stationWith(provider), call, accepted)

      const terms = plainTerms(model.price)
      const upper = upperPrice(model, call, terms)
      const done = { usage: provider.usage(raw), upper: upper.cost, at: new Date() }
      const actual = actualPrice(model, { ...call, ...done }, terms)
      assert.closeTo(Number(actual.cost.micro) / Number(upper.cost.micro), 1.5, 0.001)
    }
    await provider.close()
  }).timeout(20_000)

  test('the same prompt and seed give the same bytes, another seed others', async ({ assert }) => {
    const { provider } = atNoon()
    const one = await finish(stationWith(provider), await imageCall('a lake', {}, { jobId: 'one' }))
    const two = await finish(stationWith(provider), await imageCall('a lake', {}, { jobId: 'two' }))
    const other = await finish(stationWith(provider), await imageCall('a lake', { seed: 2 }))

    assert.deepEqual(two.outputs, one.outputs)
    assert.notDeepEqual(other.outputs, one.outputs)
  })

  test('without a seed each job draws its own, and a retry the same', async ({ assert }) => {
    const { provider } = atNoon()
    const draw = async (jobId: string, attempt: number) =>
      finish(
        stationWith(provider),
        await callOf(image, { input: { prompt: 'a lake' } }, { jobId, attempt })
      )

    const first = await draw('one', 1)
    const retry = await draw('one', 2)
    const other = await draw('two', 1)
    assert.deepEqual(retry.outputs, first.outputs)
    assert.notDeepEqual(other.outputs, first.outputs)
  })

  test('several films at once are drawn one after the other, each whole', async ({ assert }) => {
    const { provider, pass } = atNoon()
    const call = await callOf(video, { input: { prompt: 'waves', duration: 1, seed: 3 } })
    const accepted = await provider.submit(call)
    pass(1000)

    const [one, two] = await Promise.all([
      finish(stationWith(provider), call, accepted),
      finish(stationWith(provider), call, accepted),
    ])
    assert.deepEqual(two.outputs, one.outputs)
    await provider.close()
  }).timeout(20_000)

  test('closing the studio ends a film under way', async ({ assert }) => {
    const { provider, pass } = atNoon()
    const call = await callOf(video, { input: { prompt: 'waves', duration: 5, seed: 3 } })
    const accepted = await provider.submit(call)
    if (accepted.status !== 'pending') throw new Error('It was done at once.')
    pass(1000)

    const work = failureOf(provider, provider.poll(call, accepted.handle))
    await provider.close()
    const failure = await work
    assert.equal(failure.class, 'canceled')
  })
})
