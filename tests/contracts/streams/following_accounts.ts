import { test } from '@japa/runner'
import type { AccountPage, Place, Streams } from '#core/streams/streams'
import { claim, finishRequest, leaseOf, running, started } from '../metered_jobs/requests.js'
import type { World } from '../metered_jobs/world.js'

export function followingAccountsSuite(world: () => World) {
  type Placed = AccountPage['events'][number]
  const labels = (events: Placed[]) => events.map(({ event }) => `${event.jobId} ${event.seq}`)

  /** What an account's follower hears, until `enough`; it is there once it has read all there was. */
  async function follow(
    streams: Streams,
    accountId: string,
    options: { after?: Place; enough: (events: Placed[]) => boolean }
  ) {
    const leaving = new AbortController()
    const isThere = Promise.withResolvers<void>()
    const events: Placed[] = []
    const read = async () => {
      const { signal } = leaving
      const after = options.after ?? streams.beginning
      for await (const page of streams.followAccount(accountId, { after, signal })) {
        events.push(...page.events)
        if (options.enough(events)) leaving.abort()
        isThere.resolve()
      }
      return events
    }
    const heard = read()
    await Promise.race([isThere.promise, heard])
    return { events, heard }
  }

  /** All that is certain now. */
  async function history(streams: Streams, accountId: string, after?: Place) {
    const { events } = await follow(streams, accountId, { after, enough: () => true })
    return events
  }

  const ends = (events: Placed[]) => events.filter(({ event }) => event.type === 'succeeded').length

  test('a follower of an account hears of all its jobs and of no other, until it leaves', async ({
    assert,
  }) => {
    const account = await world().newAccount()
    const stranger = await world().newAccount()
    const first = await running(world(), account)
    const { heard } = await follow(world().streams, account, { enough: (all) => ends(all) === 2 })

    const other = await world().neighbour()
    const refs = [await started(world(), account), await started(world(), stranger)]
    const [second, third] = await claim(other, 2)
    for (const job of [first, second, third]) {
      await other.metered.finish(finishRequest(job, { cost: '1' }))
      other.streams.announce(job.accountId, job.id)
    }

    const events = await heard
    const story = (jobId: string) =>
      events.filter(({ event }) => event.jobId === jobId).map(({ event }) => event.type)
    const whole = ['queued', 'running', 'settled', 'succeeded']
    assert.deepEqual(story(first.id), whole)
    assert.deepEqual(story(refs[0].jobId), whole)
    assert.lengthOf(events, 8)
    assert.isTrue(events.every(({ event, kind }) => event.accountId === account && kind !== ''))
    await other.close()
  })

  test('from the place of any event, and from behind all, one goes on with what is left', async ({
    assert,
  }) => {
    const account = await world().newAccount()
    const jobs = [await running(world(), account), await running(world(), account)]
    for (const job of jobs) await world().queue.progress(leaseOf(job), 0.5)
    await world().metered.finish(finishRequest(jobs[0], { cost: '1' }))
    const { streams } = world()
    const all = await history(streams, account)
    assert.lengthOf(all, 8)

    for (const [index, { place }] of all.entries()) {
      const rest = await history(streams, account, place)

      assert.deepEqual(labels(rest), labels(all.slice(index + 1)))
    }
    const behind = await streams.now()
    assert.deepEqual(await history(streams, account, behind), [])
    await world().queue.progress(leaseOf(jobs[1]), 0.9)
    assert.deepEqual(labels(await history(streams, account, behind)), [`${jobs[1].id} 4`])
  })

  test('an event that is committed late is not passed over by those that were committed before', async ({
    assert,
  }) => {
    const account = await world().newAccount()
    const [late, early] = [await running(world(), account), await running(world(), account)]
    const { streams } = world()
    const before = await streams.now()
    const follower = await follow(streams, account, {
      after: before,
      enough: (events) => events.length === 2,
    })

    await world().progressAround(leaseOf(late), 0.5, async () => {
      await world().queue.progress(leaseOf(early), 0.5)
      streams.announce(account, early.id)

      assert.deepEqual(await history(streams, account, before), [])
    })

    assert.deepEqual(labels(await follower.heard), [`${late.id} 3`, `${early.id} 3`])
  })

  test('who comes while a transaction is open hears what it writes', async ({ assert }) => {
    const account = await world().newAccount()
    const job = await running(world(), account)
    const { streams } = world()
    let after = ''

    await world().progressAround(leaseOf(job), 0.5, async () => {
      after = await streams.now()
    })

    assert.deepEqual(labels(await history(streams, account, after)), [`${job.id} 3`])
  })

  test('many followers in several processes hear hundreds of events once each, in one order', async ({
    assert,
  }) => {
    const account = await world().newAccount()
    const jobs = [await running(world(), account), await running(world(), account)]
    const other = await world().neighbour()
    const enough = (events: Placed[]) => events.length === 304
    const followers = await Promise.all(
      Array.from({ length: 40 }, (_, index) =>
        follow(index % 2 ? other.streams : world().streams, account, { enough })
      )
    )

    for (let step = 1; step <= 150; step++) {
      const [writer, second] = step % 2 ? [world(), other] : [other, world()]
      await Promise.all([
        writer.queue.progress(leaseOf(jobs[0]), step / 150),
        second.queue.progress(leaseOf(jobs[1]), step / 150),
      ])
      writer.streams.announce(account, jobs[0].id)
    }

    const heard = await Promise.all(followers.map((follower) => follower.heard))
    const [first] = heard
    assert.equal(new Set(labels(first)).size, 304)
    for (const events of heard) assert.deepEqual(labels(events), labels(first))
    await other.close()
  })

  test('a follower of an account finds what nobody announced', async ({ assert }) => {
    const account = await world().newAccount()
    const ref = await started(world(), account)
    const { heard } = await follow(world().streams, account, {
      enough: (events) => events.some(({ event }) => event.type === 'canceled'),
    })

    await world().metered.cancel(ref, 'user:usr_a')

    const events = await heard
    assert.equal(events.at(-1)!.event.type, 'canceled')
  })
}
