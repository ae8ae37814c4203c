import app from '@adonisjs/core/services/app'
import db from '@adonisjs/lucid/services/db'
import { test } from '@japa/runner'
import { newId } from '#core/ids'
import { ForgetQuotes } from '#app/generations/actions/forget_quotes'
import { newOrganisation } from '#tests/factories'
import { makeScheduler } from '#start/scheduler'

const ago = (days: number) => new Date(Date.now() - days * 86_400_000)

/** As a process does that starts and stops, when nobody has kept house yet. */
async function lifeOfAProcess() {
  await db.from('chore_runs').where('name', 'housekeeping').delete()
  const scheduler = await makeScheduler(app)
  scheduler.start()
  await scheduler.stop()
}

function quote(accountId: string, expiredDaysAgo: number) {
  return {
    account_id: accountId,
    id: newId('quo'),
    model: 'sandbox/image',
    input_digest: 'x',
    price_pins: '{}',
    ceiling_micro: '1',
    derivation: '{}',
    seal: 'x',
    actor: 'system:test',
    created_at: ago(expiredDaysAgo + 1),
    expires_at: ago(expiredDaysAgo),
  }
}

function refusal(accountId: string, daysAgo: number) {
  return {
    account_id: accountId,
    id: newId('ref'),
    type: 'account_closed',
    refusal: JSON.stringify({ type: 'account_closed' }),
    model: 'sandbox/image',
    kind: 'image',
    times: 1,
    first_at: ago(daysAgo),
    last_at: ago(daysAgo),
  }
}

function directHold(accountId: string, daysAgo: number) {
  return {
    account_id: accountId,
    id: newId('hld'),
    metadata: '{}',
    idempotency_key: `key-${daysAgo}`,
    request_hash: 'x',
    created_at: ago(daysAgo),
  }
}

test.group('Housekeeping', () => {
  test('forgets what is older than thirty days, in whatever process finds it due, and nothing younger', async ({
    assert,
  }) => {
    const { organisation } = await newOrganisation()
    const { id } = organisation
    const quotes = [quote(id, 31), quote(id, 29)]
    const refusals = [refusal(id, 31), refusal(id, 29)]
    const holds = [directHold(id, 31), directHold(id, 29)]
    await db.table('quotes').multiInsert(quotes)
    await db.table('refusals').multiInsert(refusals)
    await db.table('direct_holds').multiInsert(holds)

    await lifeOfAProcess()

    const idsOf = async (table: string) => {
      const rows = await db.from(table).where('account_id', id).orderBy('id')
      return rows.map((row) => row.id)
    }
    assert.deepEqual(await idsOf('quotes'), [quotes[1].id])
    assert.deepEqual(await idsOf('refusals'), [refusals[1].id])
    // The hold is money and stays; only its key may be used anew.
    const kept = await db.from('direct_holds').where('account_id', id).orderBy('created_at')
    assert.deepEqual(
      kept.map(({ idempotency_key: key, request_hash: hash }) => [key, hash]),
      [
        [null, null],
        ['key-29', 'x'],
      ]
    )
  })

  test('forgets quotes batch after batch until none is left', async ({ assert }) => {
    const { organisation } = await newOrganisation()
    const old = Array.from({ length: 7 }, () => quote(organisation.id, 40))
    await db.table('quotes').multiInsert(old)

    const forgotten = await new ForgetQuotes().handle({ batch: 3 })

    assert.isAtLeast(forgotten, 7)
    assert.isNull(await db.from('quotes').where('account_id', organisation.id).first())
  })
})
