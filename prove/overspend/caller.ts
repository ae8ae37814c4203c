import { Credits } from '#core/ledger/credits'
import { connect, type Keepers } from '../harness/keepers.js'
import { startOf, usageOf } from '../model/verbs/generations.js'
import { startText } from '../model/verbs/texts.js'
import { accountOf } from '../model/verbs/verb.js'
import type { Answered, Call, Orders } from './calls.js'

/** As a process: hears its orders, makes the calls, says how each went, and waits for its end. */
process.on('message', async (orders: Orders) => {
  const keepers = connect(orders.url, orders.atOnce)
  const log = await makeAll(keepers, orders)
  await keepers.close()
  process.send!(log)
})

async function makeAll(keepers: Keepers, { calls, atOnce }: Orders): Promise<Answered[]> {
  const log: Answered[] = []
  let next = 0
  const caller = async () => {
    while (next < calls.length) {
      const call = calls[next++]
      const sent = Date.now() * 1000
      const answer = await make(keepers, call).catch(
        (error) => `threw ${error.code ?? ''} ${error.message}`
      )
      // The clock says whole milliseconds.
      log.push({ call, sent, heard: Date.now() * 1000 + 1000, answer })
    }
  }
  await Promise.all(Array.from({ length: atOnce }, caller))
  return log
}

async function make({ metered, ledger, queue, budgets }: Keepers, call: Call): Promise<string> {
  switch (call.verb) {
    case 'start':
      return startText(await metered.start(startOf(call, new Date(Date.now() + 3_600_000))))
    case 'grant': {
      const { outcome, grantId } = await ledger.grant({
        accountId: call.account,
        kind: 'topup',
        amount: Credits.fromMicro(call.amount),
        source: 'prove',
        sourceRef: call.ref,
        actor: 'system:prove',
        reason: 'a refill',
        priority: call.priority,
      })
      return `${outcome} ${grantId}`
    }
    case 'cancel': {
      const ref = { accountId: accountOf(call.job), jobId: call.job }
      const { outcome } = await metered.cancel(ref, 'user:usr_a')
      return outcome
    }
    case 'return':
      return `returned ${await budgets.giveBack({ quietSeconds: 0 })}`
    case 'work': {
      const [job] = await queue.claim({
        worker: `prover ${process.pid}`,
        kinds: ['generation'],
        limit: 1,
        leaseMs: 600_000,
      })
      if (!job) return 'idle'
      const hold = await ledger.hold(job.accountId, job.id)
      const cost = call.state === 'succeeded' ? (hold!.amount.micro * BigInt(call.part)) / 100n : 0n
      const result = await metered.finish({
        lease: { accountId: job.accountId, jobId: job.id, token: job.token },
        state: call.state,
        cost: Credits.fromMicro(cost),
        delivered: call.delivered,
        outputs: [],
        usage: usageOf(call.state),
      })
      return `${result.outcome} ${job.id} ${cost}`
    }
  }
}
