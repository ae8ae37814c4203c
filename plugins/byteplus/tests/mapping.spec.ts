import { test } from '@japa/runner'
import { VendorRefusal } from '#core/plugins/vendor_steps'
import { actualPrice, upperPrice } from '#core/prices/price_model'
import { plainTerms } from '#tests/plain_terms'
import { classify, toReport, usage } from '../mapping.js'
import { models } from '../models.js'

const refusal = (step: 'submit' | 'poll', status: number, body: unknown) =>
  new VendorRefusal({ vendor: 'BytePlus', step, status, body })

test.group('BytePlus | what it says', () => {
  test('a row of which nothing came says why in the place of a picture', ({ assert }) => {
    const code = 'OutputImageSensitiveContentDetected'
    const said = classify(refusal('submit', 200, { data: [{ error: { code } }] }))

    assert.equal(said.class, 'blocked_output')
    assert.equal(said.providerCode, code)
    const broken = { data: [{ error: { code: 'InternalServiceError' } }] }
    assert.equal(classify(refusal('submit', 200, broken)).class, 'provider_failed')
  })

  test('an answer without a task may have been billed', ({ assert }) => {
    assert.equal(classify(refusal('submit', 200, {})).class, 'outcome_unknown')
  })

  test('a task that has ended says how, one that runs is not judged by a rate', ({ assert }) => {
    const task = (body: object) => classify(refusal('poll', 200, body)).class
    const error = (code: string) => ({ status: 'failed', error: { code } })

    assert.equal(task(error('InputImageSensitiveContentDetected')), 'blocked_input')
    assert.equal(task(error('OutputVideoSensitiveContentDetected')), 'blocked_output')
    assert.equal(task({ status: 'failed' }), 'provider_failed')
    assert.equal(task({ status: 'expired' }), 'provider_failed')
    assert.equal(task({ status: 'cancelled' }), 'canceled')
    for (const [status, code] of [
      [429, 'QuotaExceeded'],
      [403, 'AccountOverdueError'],
      [500, 'InternalServiceError'],
    ] as const) {
      const said = classify(refusal('poll', status, { error: { code } }))
      assert.equal(said.class, 'transient_on_poll')
    }
  })

  test('what is kept names the pictures that failed, and no link', ({ assert }) => {
    const body = {
      data: [{ url: 'https://x.volces.com/a' }, { error: { code: 'E', message: 'm' } }],
    }
    const { errors, outputs } = toReport(body, 1)

    assert.deepEqual({ errors, outputs }, { errors: ['E'], outputs: 1 })
    assert.notInclude(JSON.stringify(toReport(body, 1)), 'volces')
  })
})

test.group('BytePlus | films by the token', () => {
  const model = models.find(({ id }) => id === 'seedance-1-0-pro')!
  const terms = plainTerms(model.price)
  const order = (resolution: string, ratio = '16:9') => ({
    input: { prompt: 'x', resolution, aspect_ratio: ratio, seconds: 10 },
    references: {},
  })

  test('what is held covers what ten seconds are said to cost, and little more', ({ assert }) => {
    for (const [resolution, micro] of [
      ['480p', 240_000n],
      ['720p', 540_000n],
      ['1080p', 1_200_000n],
    ] as const) {
      const { cost } = upperPrice(model, order(resolution), terms)
      assert.isTrue(cost.micro >= micro, `${resolution} holds ${cost}`)
      assert.isTrue(cost.micro <= (micro * 11n) / 10n, `${resolution} holds ${cost}`)
    }
  })

  test('no shape takes more tokens than are held', ({ assert }) => {
    const { sizes } = model.geometry as { sizes: Record<string, string> }
    for (const [row, size] of Object.entries(sizes)) {
      const [resolution, ratio] = row.split(' ')
      const [width, height] = size.split('x').map(Number)
      // One frame more than 24 a second, as films of other vendors have.
      const tokens = Math.ceil((width * height * (24 * 10 + 1)) / 1024)
      const upper = upperPrice(model, order(resolution, ratio), terms).cost
      const report = { outputs: 1, usage: { completion_tokens: tokens } }
      const { cost } = actualPrice(
        model,
        { ...order(resolution, ratio), usage: usage(report), upper, at: new Date() },
        terms
      )
      assert.isTrue(cost.micro <= upper.micro, row)
      assert.equal(cost.micro, BigInt(Math.ceil(tokens * 2.5)))
    }
  })
})
