import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import app from '@adonisjs/core/services/app'
import db from '@adonisjs/lucid/services/db'
import { test } from '@japa/runner'
import type { ApiClient } from '@japa/api-client'
import UsagePrune from '../../../commands/usage_prune.js'
import { Ledger } from '#core/ledger/ledger'
import { UsageRetention } from '#core/usage/usage_retention'
import { dailyActivityQuery } from '#app/admin/queries/daily_activity_query'
import { newOrganisation } from '#tests/factories'
import { drawing, newStudio, type Body } from '#tests/functional/generations/studio'
import { run } from '#tests/functional/commands/terminal'

const GROUPS = ['day', 'provider', 'model', 'member', 'key', 'end_user']

let lastYear = 2000

/** A month long ago that no other test has anything in. */
function freshMonth(): string {
  lastYear += 1
  return `${lastYear}-03`
}

/** A studio whose work was done in an old month, at all hours of its days. */
async function oldStudio(client: ApiClient, month: string, timezone = 'Asia/Kathmandu') {
  const studio = await newStudio(client, { timezone })
  await studio.generated({ ...drawing(), end_user: 'ann' })
  await studio.generated({ ...drawing(), end_user: 'bob' })
  await studio.generated({ ...drawing({ prompt: 'fail:transient' }), end_user: 'bob' })
  await studio.generated(drawing({ prompt: 'fail:moderation' }))
  const mine = { account_id: studio.id }
  const jobs = await db.from('jobs').where(mine).orderBy('id').select('id')
  for (const [n, { id }] of jobs.entries()) {
    // Around midnight of Kathmandu, which is at a quarter past six in the evening of Greenwich.
    const at = new Date(`${month}-${10 + n}T18:${14 + n}:59.5Z`)
    await db
      .from('jobs')
      .where({ ...mine, id })
      .update({ created_at: at })
    await db
      .from('holds')
      .where({ ...mine, id })
      .update({ created_at: at })
    await db
      .from('usage_events')
      .where({ ...mine, job_id: id })
      .update({ job_created_at: at, created_at: at })
  }
  const retention = await app.container.make(UsageRetention)
  await retention.addPartitions()

  const range = `from=${month}-01&to=${month}-28`
  const totals = async () => {
    const told: Body = {}
    for (const group of GROUPS) {
      const response = await studio.get(`/v1/usage?group_by=${group}&${range}`)
      told[group] = response.body().data
    }
    const daily = await dailyActivityQuery(new Date(`${month}-01`))
    told.daily = JSON.parse(JSON.stringify(daily))
    return told
  }
  return { ...studio, totals, retention }
}

const prune = (keep: number, ...more: string[]) =>
  run(UsagePrune, [`--keep=${keep}`, '--yes', ...more])
const eventsOf = async (accountId: string) => {
  const [{ total }] = await db
    .from('usage_events')
    .where('account_id', accountId)
    .count('* as total')
  return Number(total)
}

test.group('usage:prune', () => {
  test('drops the events of old months and changes no total that is told', async ({
    client,
    assert,
  }) => {
    const studio = await oldStudio(client, freshMonth())
    const before = await studio.totals()
    assert.lengthOf(before.day, 4)

    const { exitCode } = await prune(12)

    assert.equal(exitCode, 0)
    assert.equal(await eventsOf(studio.id), 0)
    assert.deepEqual(await studio.totals(), before)
    const ledger = await app.container.make(Ledger)
    assert.deepEqual(await ledger.verify(studio.id), [])
    assert.deepEqual(await prune(12).then(({ exitCode: again }) => again), 0)
    assert.deepEqual(await studio.totals(), before)
  })

  test('what was sealed is watched: a changed sum is a broken invariant', async ({
    client,
    assert,
  }) => {
    const studio = await oldStudio(client, freshMonth())
    await prune(12)
    const sealed = db
      .from('usage_totals')
      .where('account_id', studio.id)
      .where('price_micro', '>', 0)
    const [row] = await sealed.clone().limit(1)

    await sealed.clone().where('quarter', row.quarter).increment('price_micro', 1)

    const ledger = await app.container.make(Ledger)
    const [violation] = await ledger.verify(studio.id)
    assert.match(violation.invariant, /^6/)
    assert.include(violation.detail, 'sealed month')
    await sealed.clone().where('quarter', row.quarter).decrement('price_micro', 1)
    assert.deepEqual(await ledger.verify(studio.id), [])
  })

  test('keeps the months it is told to keep', async ({ client, assert }) => {
    const now = new Date()
    const month = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - 2))
    const studio = await oldStudio(client, month.toISOString().slice(0, 7))

    await prune(3)
    assert.equal(await eventsOf(studio.id), 5)

    await prune(1)
    assert.equal(await eventsOf(studio.id), 0)
  })

  test('shows what it would drop with --dry-run, and drops nothing', async ({ client, assert }) => {
    const month = freshMonth()
    const studio = await oldStudio(client, month)

    const { said } = await run(UsagePrune, ['--keep=12', '--dry-run'])

    assert.match(said, new RegExp(`${month}.*5.*MB.*to be dropped`))
    assert.equal(await eventsOf(studio.id), 5)
    await prune(12)
  })

  test('does not drop unasked', async ({ client, assert }) => {
    const studio = await oldStudio(client, freshMonth())

    const { said, exitCode } = await run(UsagePrune, ['--keep=12'])

    assert.equal(exitCode, 1)
    assert.include(said, 'Add --yes')
    assert.equal(await eventsOf(studio.id), 5)
    await prune(12)
  })

  test('keeps a month in which a job is open, and says so', async ({ client, assert }) => {
    const month = freshMonth()
    const studio = await oldStudio(client, month)
    const job = db.from('jobs').where('account_id', studio.id).orderBy('id').limit(1)
    const [{ id, state }] = await job.clone()
    const set = (to: string) =>
      db
        .from('jobs')
        .where({ account_id: studio.id, id })
        .update({ state: to, run_at: '2099-01-01' })
    await set('queued')

    const { said, exitCode } = await prune(12)

    assert.equal(exitCode, 1)
    assert.include(said, `${month} is kept: a job of it is open`)
    assert.equal(await eventsOf(studio.id), 5)
    await set(state)
    await prune(12)
    assert.equal(await eventsOf(studio.id), 0)
  })

  test('writes each month as gzipped CSV first', async ({ client, assert }) => {
    const month = freshMonth()
    const studio = await oldStudio(client, month)
    const directory = await mkdtemp(join(tmpdir(), 'daygen-archive-'))

    await prune(12, `--archive=${directory}`)

    assert.deepEqual(await readdir(directory), [`usage_events_${month}.csv.gz`])
    const text = gunzipSync(await readFile(join(directory, `usage_events_${month}.csv.gz`)))
    const [head, ...rows] = text.toString().trimEnd().split('\r\n')
    assert.match(head, /^account_id,job_id,attempt,job_created_at,/)
    assert.lengthOf(rows, 5)
    assert.lengthOf(
      rows.filter((row) => row.startsWith(studio.id)),
      5
    )
    assert.include(rows[0], `${month}-10T18:14:59.500000Z`)
    await rm(directory, { recursive: true })
  })

  test('keeps a month to which an event was added after it was counted', async ({
    client,
    assert,
  }) => {
    const month = freshMonth()
    const studio = await oldStudio(client, month)

    const result = await studio.retention.seal(month, 4n)

    assert.deepEqual(result, { outcome: 'blocked', reason: 'events were added meanwhile' })
    assert.equal(await eventsOf(studio.id), 5)
    const [one, other] = await Promise.all([
      studio.retention.seal(month, 5n),
      studio.retention.seal(month, 5n),
    ])
    assert.sameMembers([one.outcome, other.outcome], ['sealed', 'missing'])
    assert.equal(await eventsOf(studio.id), 0)
    const ledger = await app.container.make(Ledger)
    assert.deepEqual(await ledger.verify(studio.id), [])
  })

  test('refuses to keep {keep} months')
    .with([{ keep: 0 }, { keep: -1 }, { keep: 1.5 }])
    .run(async ({ assert }, { keep }) => {
      const { said, exitCode } = await prune(keep)

      assert.equal(exitCode, 1)
      assert.include(said, 'whole number of months')
    })
})

test.group('Housekeeping', () => {
  test('makes the partitions of three months ahead', async ({ assert }) => {
    const retention = await app.container.make(UsageRetention)
    const now = new Date()
    const last = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 3))
    const name = `usage_events_${last.toISOString().slice(0, 7).replace('-', '_')}`
    await db.rawQuery(`drop table if exists ${name}`)

    await Promise.all([1, 2, 3].map(() => retention.addPartitions()))

    const { rows } = await db.rawQuery('select to_regclass(?) as name', [name])
    assert.equal(rows[0].name, name)
  })

  test('forgets idempotency keys after 30 days, and none before', async ({ assert }) => {
    const { organisation } = await newOrganisation()
    const key = (name: string, days: number) => ({
      account_id: organisation.id,
      key: name,
      request_hash: 'x',
      generation_id: 'gen_x',
      created_at: new Date(Date.now() - days * 86_400_000),
    })
    await db.table('idempotency_keys').multiInsert([key('old', 31), key('young', 29)])
    const retention = await app.container.make(UsageRetention)

    assert.isAtLeast(await retention.forgetKeys(), 1)

    const left = await db.from('idempotency_keys').where('account_id', organisation.id)
    assert.deepEqual(
      left.map(({ key: name }) => name),
      ['young']
    )
  })
})
