import { test } from '@japa/runner'
import { actualPrice, upperPrice } from '#core/prices/price_model'
import { VendorRefusal } from '#core/plugins/vendor_steps'
import { asJson, callOf, finish } from '#tests/contracts/model_provider/orders'
import { vendorStand } from '#tests/contracts/model_provider/vendor_stand'
import { plainTerms } from '#tests/plain_terms'
import { classify, usage } from '../mapping.js'
import plugin from '../plugin.js'
import FakeRunway from './fake.js'

const [image] = plugin.models

function ended(facts: Record<string, unknown>) {
  const body = { id: 'task-1', status: 'FAILED', cost: { credits: 0 }, ...facts }
  return classify(new VendorRefusal({ vendor: 'Runway', step: 'poll', status: 200, body }))
}

function refused(facts: { status: number; error: string; headers?: Record<string, string> }) {
  const { error, ...more } = facts
  const body = { error }
  return classify(new VendorRefusal({ vendor: 'Runway', step: 'submit', body, ...more }))
}

test.group('Runway | what an end means', () => {
  test('{code} is {class}')
    .with([
      { code: 'SAFETY.INPUT.IMAGE', class: 'blocked_input' },
      { code: 'SAFETY.OUTPUT.VIDEO', class: 'blocked_output' },
      { code: 'INPUT_PREPROCESSING.SAFETY.TEXT', class: 'blocked_input' },
      { code: 'INPUT_PREPROCESSING.INTERNAL', class: 'invalid_input' },
      { code: 'ASSET.INVALID', class: 'invalid_input' },
      { code: 'INTERNAL.BAD_OUTPUT.CODE01', class: 'provider_failed' },
      { code: 'INTERNAL', class: 'provider_failed' },
      { code: 'SOMETHING.NEW', class: 'provider_failed' },
    ] as const)
    .run(({ assert }, { code, class: errorClass }) => {
      const failure = ended({ failureCode: code })

      assert.equal(failure.class, errorClass)
      assert.equal(failure.providerCode, code)
    })

  test('a failed task that was billed says what it has cost', ({ assert }) => {
    const { usage: billed } = ended({ failureCode: 'INTERNAL', cost: { credits: 8 } })

    assert.deepEqual(billed?.reportedCost, { amount: 8, unit: 'credits' })
    assert.equal(billed?.outputs, 0)
  })

  test('a failed task that was refunded cost nothing', ({ assert }) => {
    assert.equal(ended({ failureCode: 'SAFETY.INPUT' }).usage?.reportedCost?.amount, 0)
  })

  test('a task that was canceled is no failure, and neither is one that is gone', ({ assert }) => {
    assert.equal(ended({ status: 'CANCELLED' }).class, 'canceled')
    const gone = { vendor: 'Runway', step: 'poll', status: 404, body: {} } as const
    assert.equal(classify(new VendorRefusal(gone)).class, 'canceled')
  })

  test('a 429 that says no wait is the limit of a day', ({ assert }) => {
    assert.equal(refused({ status: 429, error: '' }).class, 'quota_daily')
    const brief = refused({ status: 429, error: '', headers: { 'retry-after': '3' } })
    assert.equal(brief.class, 'rate_limited')
    assert.equal(brief.retryAfterMs, 3_000)
  })

  test('a gateway that gives up may have passed the work on', ({ assert }) => {
    assert.equal(refused({ status: 504, error: '' }).class, 'outcome_unknown')
    assert.equal(refused({ status: 502, error: '' }).class, 'transient_before_accept')
  })

  test('a submit without a task leaves it open what became of it', ({ assert }) => {
    assert.equal(refused({ status: 200, error: '' }).class, 'outcome_unknown')
  })
})

test.group('Runway | tasks', (group) => {
  const fake = new FakeRunway()
  const stand = vendorStand(plugin, fake)
  stand.setup(group)

  test('one that waits for a place is under way, and is not submitted again', async ({
    assert,
  }) => {
    const { provider, http } = stand.open()
    const call = await callOf(image, { input: { prompt: 'a boat fail:throttled' } })
    const accepted = asJson(await provider.submit(call))
    if (accepted.status !== 'pending') throw new Error('It was done at once.')

    const waiting = await provider.poll(call, accepted.handle)
    const { outputs } = await finish({ provider, http }, call, accepted)

    assert.equal(waiting.status, 'pending')
    assert.isAtLeast(accepted.pollAfterMs, 5_000)
    assert.lengthOf(outputs, 1)
    assert.lengthOf(fake.callsTo('submit'), 1)
  })

  test('its final cost is the price, whatever was estimated', async ({ assert }) => {
    const terms = plainTerms(image.price)
    const call = await callOf(image, { input: { prompt: 'a boat', size: '1920x1080' } })
    const upper = upperPrice(image, call, terms).cost
    const raw = { id: 'task-1', outputs: 1, cost: { credits: 5 } }

    const { cost, report } = actualPrice(
      image,
      { ...call, usage: usage(raw), upper, at: new Date() },
      terms
    )

    assert.equal(upper.micro, 80_000n)
    assert.equal(cost.micro, 50_000n)
    assert.isNull(report!.doubt)
  })
})
