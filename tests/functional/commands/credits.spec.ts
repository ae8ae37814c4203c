import ace from '@adonisjs/core/services/ace'
import app from '@adonisjs/core/services/app'
import db from '@adonisjs/lucid/services/db'
import { test } from '@japa/runner'
import { Ledger } from '#core/ledger/ledger'
import CreditsCorrect from '../../../commands/credits_correct.js'
import CreditsGrant from '../../../commands/credits_grant.js'
import CreditsMerge from '../../../commands/credits_merge.js'
import CreditsRefund from '../../../commands/credits_refund.js'
import { grant, newOrganisation } from '#tests/factories'
import { newStudio, PICTURE } from '#tests/functional/generations/studio'

type Command =
  typeof CreditsCorrect | typeof CreditsGrant | typeof CreditsMerge | typeof CreditsRefund

/** Runs a command as somebody at a shell does. Answers its exit code and what it said. */
async function run(command: Command, args: string[]) {
  ace.ui.switchMode('raw')
  const made = await ace.create(command as typeof CreditsGrant, args)
  await made.exec()
  const said = made.logger.getLogs().map(({ message }) => message)
  ace.ui.switchMode('normal')
  return { code: made.exitCode, said: said.join('\n') }
}

async function organisation(credits = '0') {
  const { organisation: made } = await newOrganisation({ credits })
  const ledger = await app.container.make(Ledger)
  return { id: made.id, org: `--org=${made.id}`, ledger }
}

const why = '--reason=Invoice 7'

test.group('The command line of credits', (group) => {
  group.setup(() => ace.boot())

  test('credits:grant adds a grant, with its rank and what it may pay for', async ({ assert }) => {
    const { id, org, ledger } = await organisation()
    const rank = ['--kind=promo', '--priority=7', '--expires=2099-01-31T00:00:00Z']
    const only = ['--only=sandbox/image', '--only=video']

    const { code, said } = await run(CreditsGrant, ['12.5', org, why, '--yes', ...rank, ...only])

    assert.equal(code ?? 0, 0, said)
    assert.include(said, '12.5 credits granted. 12.5 are available now.')
    const row = await db.from('grants').where('account_id', id).firstOrFail()
    assert.containSubset(row, { kind: 'promo', priority: 7 })
    assert.equal(row.expires_at.toISOString(), '2099-01-31T00:00:00.000Z')
    assert.deepEqual(row.restricted_to, { models: ['sandbox/image'], kinds: ['video'] })
    const [entry] = await ledger.entries(id, { limit: 1 })
    assert.containSubset(entry, { actor: 'system:console', reason: 'Invoice 7' })
  })

  test('credits:grant of one reference grants once', async ({ assert }) => {
    const { id, org, ledger } = await organisation()
    const args = ['5', org, why, '--yes', '--reference=invoice-7']

    await run(CreditsGrant, args)
    const { code, said } = await run(CreditsGrant, args)

    assert.equal(code ?? 0, 0)
    assert.include(said, 'Nothing was added')
    const { available } = await ledger.balance(id)
    assert.equal(`${available}`, '5')
  })

  test('credits:correct adds and takes', async ({ assert }) => {
    const { id, org, ledger } = await organisation('10')

    const up = await run(CreditsCorrect, ['2.5', org, why, '--yes'])
    const down = await run(CreditsCorrect, ['-4', org, why, '--yes'])
    const tooMuch = await run(CreditsCorrect, ['-9', org, why, '--yes'])

    assert.include(up.said, 'Corrected by 2.5 credits. 12.5 are available now.')
    assert.include(down.said, 'Corrected by -4 credits. 8.5 are available now.')
    assert.equal(tooMuch.code, 1)
    assert.include(tooMuch.said, 'Only 8.5 credits are available')
    const { available } = await ledger.balance(id)
    assert.equal(`${available}`, '8.5')
  })

  test('credits:refund gives back what a generation cost, and no more', async ({
    client,
    assert,
  }) => {
    const studio = await newStudio(client, { credits: '5' })
    const generation = await studio.generated()
    const org = `--org=${studio.id}`

    const part = await run(CreditsRefund, [generation.id, '0.4', org, why, '--yes'])
    const tooMuch = await run(CreditsRefund, [generation.id, '0.4', org, why, '--yes'])
    const unknown = await run(CreditsRefund, ['gen_nothing', '1', org, why, '--yes'])

    assert.include(part.said, '0.4 credits refunded.')
    assert.equal(tooMuch.code, 1)
    assert.include(tooMuch.said, `At most 0.07187 credits can be refunded: ${PICTURE} were charged`)
    assert.equal(unknown.code, 1)
    assert.include(unknown.said, 'no such hold')
    const receipt = await studio.receipt(generation.id)
    assert.containSubset(receipt, { charged: PICTURE, refunded: '0.4' })
  })

  test('credits:merge closes one account and fills the other', async ({ assert }) => {
    const from = await organisation('7')
    const into = await organisation('1')

    const merged = await run(CreditsMerge, [from.id, into.id, why, '--yes'])
    const again = await run(CreditsMerge, [from.id, into.id, why, '--yes'])
    const back = await run(CreditsMerge, [into.id, from.id, why, '--yes'])
    const itself = await run(CreditsMerge, [into.id, into.id, why, '--yes'])

    assert.include(merged.said, 'The credits have arrived.')
    assert.include(again.said, 'There was nothing to move.')
    assert.equal(back.code, 1)
    assert.include(back.said, 'is closed and takes no credits')
    assert.equal(itself.code, 1)
    const { available } = await into.ledger.balance(into.id)
    assert.equal(`${available}`, '8')
    assert.equal(await from.ledger.state(from.id), 'closed')
    assert.equal(await into.ledger.state(into.id), 'open')
    const refused = await grant(from.id, '1').catch((error) => error)
    assert.equal(refused.code, 'E_LEDGER_ACCOUNT_CLOSED')
  })

  test('{title} is refused with what to do, and moves nothing')
    .with([
      { title: 'no reason', args: ['5', '--yes'], says: '--reason=' },
      { title: 'a blank reason', args: ['5', '--reason= ', '--yes'], says: '--reason=' },
      { title: 'no word that it is meant', args: ['5', why], says: '--yes' },
      { title: 'nothing', args: ['0', why, '--yes'], says: 'above zero' },
      { title: 'less than nothing', args: ['-5', why, '--yes'], says: 'above zero' },
      { title: 'a fraction of a micro-credit', args: ['0.0000001', why, '--yes'], says: 'finer' },
      {
        title: 'more than 64 bits',
        args: ['9223372036854.775808', why, '--yes'],
        says: 'do not fit in 64 bits',
      },
      { title: 'no amount', args: ['much', why, '--yes'], says: 'is not an amount' },
      {
        title: 'an expiry in the past',
        args: ['5', why, '--yes', '--expires=2020-01-31T00:00:00Z'],
        says: 'Choose a time ahead',
      },
      {
        title: 'an expiry that is none',
        args: ['5', why, '--yes', '--expires=soon'],
        says: 'is no instant',
      },
      { title: 'a kind that is none', args: ['5', why, '--yes', '--kind=gift'], says: 'no kind' },
      {
        title: 'a kind that only refunds make',
        args: ['5', why, '--yes', '--kind=refund'],
        says: 'no kind',
      },
      {
        title: 'a model that is not there',
        args: ['5', why, '--yes', '--only=sandbox/imgae'],
        says: 'Did you mean sandbox/image',
      },
      {
        title: 'a kind of models that is not there',
        args: ['5', why, '--yes', '--only=smell'],
        says: 'neither a model nor a kind',
      },
      {
        title: 'a priority beyond the last',
        args: ['5', why, '--yes', '--priority=101'],
        says: '0 to 100',
      },
    ])
    .run(async ({ assert }, { args, says }) => {
      const { id, org, ledger } = await organisation()

      const { code, said } = await run(CreditsGrant, [...args, org])

      assert.equal(code, 1, said)
      assert.include(said, says)
      assert.deepEqual(await ledger.entries(id, { limit: 1 }), [])
    })

  test('an organisation that is missing or unknown is refused', async ({ assert }) => {
    const missing = await run(CreditsCorrect, ['5', why, '--yes'])
    const unknown = await run(CreditsCorrect, ['5', why, '--yes', '--org=org_nothing'])

    assert.equal(missing.code, 1)
    assert.include(missing.said, '--org=')
    assert.equal(unknown.code, 1)
    assert.include(unknown.said, 'There is no organisation org_nothing')
  })
})
