import { test } from '@japa/runner'
import { VendorRefusal } from '#core/plugins/vendor_steps'
import { actualPrice, upperPrice } from '#core/prices/price_model'
import { plainTerms } from '#tests/plain_terms'
import { classify, usage } from '../mapping.js'
import { models } from '../models.js'

const refusal = (step: 'submit' | 'poll', status: number, body: unknown) =>
  new VendorRefusal({ vendor: 'Alibaba', step, status, body })
const task = (output: unknown) => classify(refusal('poll', 200, { output })).class

test.group('Alibaba | what it says', () => {
  test('a throttling that passes is no quota that is used up', ({ assert }) => {
    const said = (code: string) => classify(refusal('submit', 429, { code })).class

    assert.equal(said('Throttling'), 'rate_limited')
    assert.equal(said('Throttling.RateQuota'), 'rate_limited')
    assert.equal(said('Throttling.AllocationQuota'), 'quota_daily')
    const free = refusal('submit', 403, { code: 'AllocationQuota.FreeTierOnly' })
    assert.equal(classify(free).class, 'provider_balance')
  })

  test('while a task runs, whatever refuses to tell of it says nothing of it', ({ assert }) => {
    for (const [status, code] of [
      [429, 'Throttling.RateQuota'],
      [401, 'InvalidApiKey'],
      [500, 'InternalError'],
    ] as const) {
      assert.equal(classify(refusal('poll', status, { code })).class, 'transient_on_poll')
    }
  })

  test('an answer that names no task may have been billed', ({ assert }) => {
    assert.equal(classify(refusal('submit', 200, { output: {} })).class, 'outcome_unknown')
  })

  test('a task says how it ended in an answer of 200', ({ assert }) => {
    const code = 'DataInspectionFailed'
    const about = (what: string) => `${what} data may contain inappropriate content.`

    assert.equal(task({ task_status: 'FAILED', code, message: about('Input') }), 'blocked_input')
    assert.equal(task({ task_status: 'FAILED', code, message: about('Output') }), 'blocked_output')
    assert.equal(task({ task_status: 'FAILED', code: 'InternalError.Algo' }), 'provider_failed')
    assert.equal(task({ task_status: 'FAILED' }), 'provider_failed')
    assert.equal(task({ task_status: 'CANCELED' }), 'canceled')
    assert.equal(task({ task_status: 'UNKNOWN' }), 'outcome_unknown')
  })

  test('the seconds that it reports are what is paid', ({ assert }) => {
    const model = models.find(({ id }) => id === 'wan2.5-t2v-preview')!
    const input = { prompt: 'x', size: '1280x720', seconds: 10, audio: true }
    const order = { input, references: {} }
    const terms = plainTerms(model.price)
    const upper = upperPrice(model, order, terms).cost
    const bill = (measures: object) =>
      actualPrice(
        model,
        { ...order, usage: usage({ outputs: 1, usage: measures }), upper, at: new Date() },
        terms
      ).cost.micro

    assert.equal(upper.micro, 1_000_000n)
    assert.equal(bill({ duration: 10, output_video_duration: 8.5 }), 850_000n)
    assert.equal(bill({ duration: 5 }), 500_000n)
    assert.equal(bill({}), 1_000_000n)
  })
})
