import { test } from '@japa/runner'
import type { World } from '../metered_jobs/world.js'
import { onPlan } from './steps.js'

/** When the next `count` periods begin after `from`, by a dry look ahead. */
async function starts(
  world: World,
  { plan, anchor, timezone, until }: Record<'plan' | 'anchor' | 'timezone' | 'until', string>
) {
  const account = await world.newAccount({ credits: '0', timezone, test: true })
  const ahead = new Date(anchor)
  await world.plans.choose({
    accountId: account,
    plan,
    anchor: ahead,
    actor: 'system:test',
    reason: 'for a test',
    reference: 'first',
  })
  const { parts } = await world.plans.reset(account, { dry: true, at: new Date(until) })
  return parts.map(({ startsAt }) => startsAt.toISOString().replace(':00.000Z', 'Z'))
}

export function calendarSuite(world: () => World) {
  test('{title}')
    .with([
      {
        title: 'the 31st is the last day of shorter months, leap days counted, and the 31st again',
        plan: 'plain',
        timezone: 'UTC',
        anchor: '2027-10-31T12:00:00Z',
        until: '2028-06-01T00:00:00Z',
        expected: [
          '2027-10-31T12:00Z',
          '2027-11-30T12:00Z',
          '2027-12-31T12:00Z',
          '2028-01-31T12:00Z',
          '2028-02-29T12:00Z',
          '2028-03-31T12:00Z',
          '2028-04-30T12:00Z',
          '2028-05-31T12:00Z',
        ],
      },
      {
        title: 'the 29th of February is the 29th in other months, and the 28th in the next year',
        plan: 'plain',
        timezone: 'UTC',
        anchor: '2028-02-29T00:00:00Z',
        until: '2029-03-30T00:00:00Z',
        expected: [
          '2028-02-29T00:00Z',
          ...[3, 4, 5, 6, 7, 8, 9].map((month) => `2028-0${month}-29T00:00Z`),
          ...[10, 11, 12].map((month) => `2028-${month}-29T00:00Z`),
          '2029-01-29T00:00Z',
          '2029-02-28T00:00Z',
          '2029-03-29T00:00Z',
        ],
      },
      {
        title: 'the hour stays the same on the clocks of the zone over summer time',
        plan: 'weekly',
        timezone: 'Europe/Berlin',
        anchor: '2027-03-18T08:00:00Z',
        until: '2027-04-05T00:00:00Z',
        expected: ['2027-03-18T08:00Z', '2027-03-25T08:00Z', '2027-04-01T07:00Z'],
      },
      {
        title: 'an hour that summer time skips is the one after it',
        plan: 'daily',
        timezone: 'Europe/Berlin',
        anchor: '2027-03-27T01:30:00Z',
        until: '2027-03-29T12:00:00Z',
        expected: ['2027-03-27T01:30Z', '2027-03-28T01:30Z', '2027-03-29T00:30Z'],
      },
      {
        title: 'an hour that comes twice is the second, unless the anchor is the first of them',
        plan: 'daily',
        timezone: 'Europe/Berlin',
        anchor: '2027-10-31T00:30:00Z',
        until: '2027-11-02T12:00:00Z',
        expected: ['2027-10-31T00:30Z', '2027-11-01T01:30Z', '2027-11-02T01:30Z'],
      },
      {
        title: 'a day ahead of Greenwich the month turns there first',
        plan: 'plain',
        timezone: 'Pacific/Auckland',
        anchor: '2027-06-30T12:00:00Z',
        until: '2027-11-15T00:00:00Z',
        expected: [
          '2027-06-30T12:00Z',
          '2027-07-31T12:00Z',
          '2027-08-31T12:00Z',
          '2027-09-30T11:00Z',
          '2027-10-31T11:00Z',
        ],
      },
    ])
    .run(async ({ assert }, { expected, ...row }) => {
      assert.deepEqual(await starts(world(), row), expected)
    })

  test('a period ends where the next begins, for ten years of months', async ({ assert }) => {
    const account = await onPlan(world(), 'all', { timezone: 'America/New_York' })
    const { anchor } = (await world().plans.state(account))!
    const at = new Date(anchor.getTime() + 3650 * 86_400_000)

    const { parts } = await world().plans.reset(account, { dry: true, at })

    assert.isAbove(parts.length, 118)
    for (const [n, { ordinal, startsAt }] of parts.entries()) {
      assert.equal(ordinal, BigInt(n + 1))
      if (n > 0) assert.deepEqual(parts[n - 1].endsAt, startsAt)
    }
  })
}
