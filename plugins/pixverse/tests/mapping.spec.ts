import { test } from '@japa/runner'
import { VendorRefusal } from '#core/plugins/vendor_steps'
import { actualPrice, upperPrice } from '#core/prices/price_model'
import { plainTerms } from '#tests/plain_terms'
import { classify, stateOf, toReport, usage } from '../mapping.js'
import { models } from '../models.js'

const said = (step: 'prepare' | 'submit' | 'poll', body: unknown, status = 200) =>
  classify(new VendorRefusal({ vendor: 'PixVerse', step, status, body })).class
const state = (status: number) => ({ ErrCode: 0, Resp: { status } })

test.group('PixVerse | what it says', () => {
  test('a film ends in a whole number, and works on in any that is not known', ({ assert }) => {
    assert.equal(stateOf(state(1)), 'done')
    for (const over of [6, 7, 8]) assert.equal(stateOf(state(over)), 'over')
    for (const other of [5, 9, 0]) assert.equal(stateOf(state(other)), 'working')
    assert.equal(stateOf({ ErrCode: 0, Resp: { status: '1' } }), 'working')
    assert.equal(said('poll', state(6)), 'asset_lost')
    assert.equal(said('poll', state(7)), 'blocked_output')
    assert.equal(said('poll', state(8)), 'provider_failed')
  })

  test('a code refuses although the status is 200', ({ assert }) => {
    assert.equal(said('submit', { ErrCode: 500_043 }), 'provider_balance')
    assert.equal(said('submit', { ErrCode: 500_044 }), 'concurrency_full')
    assert.equal(said('submit', { ErrCode: 400_017 }), 'invalid_input')
    assert.equal(said('submit', { ErrCode: 500_999 }), 'provider_failed')
    assert.equal(said('prepare', { ErrCode: 400_032 }), 'invalid_input')
  })

  test('an answer that names no film may have been billed', ({ assert }) => {
    assert.equal(said('submit', { ErrCode: 0, Resp: {} }), 'outcome_unknown')
    assert.equal(said('submit', []), 'outcome_unknown')
  })

  test('a code at a poll is waited for, unless it is of what was asked', ({ assert }) => {
    assert.equal(said('poll', { ErrCode: 500_044 }), 'transient_on_poll')
    assert.equal(said('poll', { ErrCode: 99_999 }), 'transient_on_poll')
    assert.equal(said('poll', 'busy'), 'transient_on_poll')
    assert.equal(said('poll', { ErrCode: 400_017 }), 'provider_failed')
  })

  test('the credits that it reports are what is paid', ({ assert }) => {
    const [model] = models
    const order = { input: { prompt: 'x', quality: '720p', seconds: 10 }, references: {} }
    const terms = plainTerms(model.price)
    const upper = upperPrice(model, order, terms).cost
    const bill = (body: unknown, quoted?: number) =>
      actualPrice(
        model,
        { ...order, usage: usage(toReport(body, 1, quoted)), upper, at: new Date() },
        terms
      )

    assert.equal(upper.micro, 1_200_000n)
    assert.equal(bill({ Resp: { credits: 90 } }).cost.micro, 900_000n)
    assert.equal(bill({ Resp: {} }, 70).cost.micro, 700_000n)
    assert.equal(bill({ Resp: {} }).cost.micro, 1_200_000n)
    assert.equal(bill({ Resp: { credits: 9000 } }).report?.doubt, 'too_high')
  })
})
