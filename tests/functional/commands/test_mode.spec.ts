import app from '@adonisjs/core/services/app'
import { test } from '@japa/runner'
import ClockAdvance from '../../../commands/clock_advance.js'
import CreditsRefill from '../../../commands/credits_refill.js'
import KeyCreate from '../../../commands/key_create.js'
import PlanSet from '../../../commands/plan_set.js'
import { AccountClock } from '#core/ledger/account_clock'
import { Ledger } from '#core/ledger/ledger'
import { testAccountQuery } from '#app/identity/queries/test_account_query'
import { newOrganisation } from '#tests/factories'
import { run } from './terminal.js'

/** By the account's clock, in milliseconds. */
async function timeOf(accountId: string) {
  const clock = await app.container.make(AccountClock)
  const now = await clock.now(accountId)
  return now.getTime()
}

async function withTestKey() {
  const { organisation } = await newOrganisation({ credits: '5' })
  const { said } = await run(KeyCreate, ['a test', '--test', `--org=${organisation.id}`])
  const account = (await testAccountQuery(organisation.id))!
  const ledger = await app.container.make(Ledger)
  return { organisation, account, said, ledger }
}

test.group('key:create --test', () => {
  test('makes a test key, of the one test account of the organisation', async ({ assert }) => {
    const { organisation, account, said, ledger } = await withTestKey()
    assert.match(said, /dg_test_\w{40}/)
    assert.match(account.id, /^tst_/)

    await run(KeyCreate, ['another', '--test', `--org=${organisation.id}`])

    const again = await testAccountQuery(organisation.id)
    assert.equal(again!.id, account.id)
    const filled = await ledger.balance(account.id)
    const live = await ledger.balance(organisation.id)
    assert.equal(filled.available.toString(), '1000')
    assert.equal(live.available.toString(), '5')
  })
})

test.group('clock:advance', () => {
  test('moves the test account of an organisation through its resets, and nothing else', async ({
    assert,
  }) => {
    const { organisation, account, ledger } = await withTestKey()
    await run(PlanSet, ['studio', `--org=${account.id}`])

    const { said, exitCode } = await run(ClockAdvance, ['2mo', `--org=${organisation.id}`])

    assert.equal(exitCode, 0)
    assert.include(said, account.id)
    assert.match(said, /Period 1, from .*: 250 credits/)
    assert.match(said, /Period 2, from .*: 250 credits/)
    const ahead = (await timeOf(account.id)) - Date.now()
    assert.isAbove(ahead, 58 * 86_400_000)
    const { available } = await ledger.balance(account.id)
    assert.equal(available.toString(), '1750')
    assert.approximately(await timeOf(organisation.id), Date.now(), 60_000)
    assert.deepEqual(await ledger.verify(account.id), [])
  })

  test('goes to an instant', async ({ assert }) => {
    const { account } = await withTestKey()
    const to = new Date(Date.now() + 86_400_000).toISOString()

    await run(ClockAdvance, [`--to=${to}`, `--org=${account.id}`])

    assert.approximately(await timeOf(account.id), Date.parse(to), 60_000)
  })

  test('refuses {title}')
    .with([
      { title: 'no duration at all', args: [], says: 'Give either' },
      { title: 'a duration and an instant', args: ['1d', '--to=2030-01-01'], says: 'Give either' },
      { title: 'what is no duration', args: ['soon'], says: '"soon" is no duration' },
      { title: 'what is no instant', args: ['--to=soon'], says: '"soon" is no instant' },
      { title: 'to go back', args: ['--to=2020-01-01'], says: 'A clock goes only ahead.' },
      { title: 'to go too far', args: ['11y'], says: 'at most ten years' },
    ])
    .run(async ({ assert }, { args, says }) => {
      const { account } = await withTestKey()

      const { said, exitCode } = await run(ClockAdvance, [...args, `--org=${account.id}`])

      assert.equal(exitCode, 1)
      assert.include(said, says)
      assert.approximately(await timeOf(account.id), Date.now(), 60_000)
    })

  test('refuses a live organisation without a test account, and one that is not there', async ({
    assert,
  }) => {
    const { organisation } = await newOrganisation()

    const live = await run(ClockAdvance, ['1d', `--org=${organisation.id}`])
    const nobody = await run(ClockAdvance, ['1d', '--org=org_nobody'])

    assert.deepEqual([live.exitCode, nobody.exitCode], [1, 1])
    assert.include(live.said, 'is live, and its clock is time itself')
    assert.include(nobody.said, 'no organisation org_nobody')
  })
})

test.group('credits:refill', () => {
  test('fills a test account up, and no live one', async ({ assert }) => {
    const { organisation, account, ledger } = await withTestKey()
    const db = await app.container.make('lucid.db')
    // As if they had expired.
    await db
      .from('grants')
      .where('account_id', account.id)
      .update({ expires_at: new Date(0) })

    const { said } = await run(CreditsRefill, [`--org=${organisation.id}`])

    assert.include(said, '1000 test credits added')
    const { available } = await ledger.balance(account.id)
    assert.equal(available.toString(), '1000')
    const full = await run(CreditsRefill, [`--org=${organisation.id}`])
    assert.include(full.said, 'it is full')
    const live = await ledger.balance(organisation.id)
    assert.equal(live.available.toString(), '5')
  })
})
