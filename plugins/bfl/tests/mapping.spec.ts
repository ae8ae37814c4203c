import { createHmac } from 'node:crypto'
import { test } from '@japa/runner'
import { VendorRefusal } from '#core/plugins/vendor_steps'
import { classify, readCallback, stateOf, toHandle, toTask, usage } from '../mapping.js'

const SECRET = 'a-secret-of-ours'
const body = Buffer.from('{"id":"task_1","status":"Ready"}')

function signed(bytes: Uint8Array, secret = SECRET) {
  return `sha256=${createHmac('sha256', secret).update(bytes).digest('hex')}`
}

function call(signature?: string, bytes: Uint8Array = body) {
  const headers: Record<string, string> = signature ? { 'x-bfl-signature': signature } : {}
  return { headers, query: {}, body: bytes }
}

function refusal(step: 'submit' | 'poll', status: number, said: unknown) {
  return new VendorRefusal({ vendor: 'x', step, status, body: said })
}

test.group('BFL mapping | callbacks', () => {
  test('one with the right signature is news', ({ assert }) => {
    assert.deepEqual(readCallback(call(signed(body)), SECRET), { is: 'news' })
  })

  test('one that is altered, unsigned, or signed with another secret is forged', ({ assert }) => {
    const altered = Buffer.from('{"id":"task_2","status":"Ready"}')
    const forged = [
      call(signed(body), altered),
      call(),
      call(signed(body, 'another')),
      call(signed(body).slice(0, -1)),
      call(signed(body).replace('sha256=', '')),
    ]
    for (const one of forged) assert.deepEqual(readCallback(one, SECRET), { is: 'forged' })
  })

  test('without a secret nothing is believed, and no address is given away', async ({ assert }) => {
    const order = {
      ...{ model: 'flux-2-pro', input: { prompt: 'x' }, references: {}, jobId: 'job_1' },
      ...{ attempt: 1, signal: new AbortController().signal, progress: () => {} },
      callbackUrl: 'https://here.example/v1/callbacks/1',
    }

    assert.deepEqual(readCallback(call(signed(body, '')), null), { is: 'forged' })
    assert.notProperty(await toTask(order, null), 'webhook_url')
    assert.deepEqual(await toTask(order, SECRET), {
      prompt: 'x',
      webhook_url: order.callbackUrl,
      webhook_secret: SECRET,
    })
  })
})

test.group('BFL mapping | answers', () => {
  test('a state that is not known is waited for', ({ assert }) => {
    assert.equal(stateOf({ status: 'Queued' }), 'working')
    assert.equal(stateOf({ status: 'toString' }), 'working')
    assert.equal(stateOf('nonsense'), 'working')
    assert.equal(stateOf({ status: 'Failed' }), 'over')
  })

  test('a task that is no longer known has lost its picture', ({ assert }) => {
    const answer = refusal('poll', 200, { status: 'Task not found' })
    assert.equal(classify(answer).class, 'asset_lost')
  })

  test('taken without an address to ask at: nobody knows what became of it', ({ assert }) => {
    assert.isNull(toHandle({ id: 'task_1' }))
    assert.equal(classify(refusal('submit', 200, { id: 'task_1' })).class, 'outcome_unknown')
  })

  test('429 at a poll is waited for, whatever it says', ({ assert }) => {
    assert.equal(classify(refusal('poll', 429, { detail: 'busy' })).class, 'transient_on_poll')
  })

  test('its credits are what it cost, where they can be', ({ assert }) => {
    const handle = toHandle({ id: 't', polling_url: 'https://api.bfl.ai/x', cost: 4.5 })
    assert.deepEqual(usage({ ...handle, outputs: 1 }).reportedCost, {
      amount: 4.5,
      unit: 'credits',
    })
    assert.isUndefined(usage({ id: 't', outputs: 1, cost: null }).reportedCost)
    assert.isUndefined(usage({ id: 't', outputs: 1, cost: -1 }).reportedCost)
  })
})
