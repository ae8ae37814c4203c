import { test } from '@japa/runner'
import { drawing, PICTURE } from '#tests/functional/generations/studio'
import { DrivenInstallation, DRIVERS, jobOf } from './driven.js'

for (const driver of DRIVERS) {
  test.group(`Jobs, end to end, with QUEUE_DRIVER=${driver}`, (group) => {
    group.each.timeout(120_000)
    let house: DrivenInstallation
    group.setup(async () => {
      house = await DrivenInstallation.make(driver)
      await house.start()
      return () => house.remove()
    })
    group.each.teardown(() => {
      if (house.tasks) house.tasks.fault = null
    })

    const accept = async (input: Record<string, unknown> = {}): Promise<string> => {
      const { id } = await house.call('/generations', drawing(input))
      return id
    }

    test('what is accepted runs, is settled, told of and accounted for', async ({ assert }) => {
      const before = await house.call('/balance')
      const id = await accept()

      const done = await house.ended(id)

      assert.containSubset(done, { status: 'succeeded', delivered: 1, cost: { charged: PICTURE } })
      assert.deepEqual(await house.story(id), ['queued', 'running', 'settled', 'succeeded'])
      const receipt = await house.call(`/generations/${id}/receipt`)
      assert.lengthOf(receipt.entries, 1)
      assert.containSubset(receipt.attempts, [{ attempt: 1, status: 'succeeded', price: PICTURE }])
      const after = await house.call('/balance')
      assert.closeTo(Number(before.available) - Number(after.available), Number(PICTURE), 1e-9)
      assert.equal(after.held, '0')
      const events = await fetch(done.links.events)
      assert.include(await events.text(), 'event: succeeded')
    })

    test('work that a vendor takes its time for is submitted once, runs all the while and is one attempt', async ({
      assert,
    }) => {
      const id = await accept({ prompt: 'a lake slow:900ms' })
      const states = new Set<string>()
      await house.until(id, ({ status, finished_at: end }) => {
        states.add(status)
        return end !== null
      })

      assert.deepEqual(
        [...states].filter((state) => state !== 'queued'),
        ['running', 'succeeded']
      )
      assert.deepEqual(await house.story(id), [
        'queued',
        'running',
        'submitted',
        'settled',
        'succeeded',
      ])
      const [usage, ...more] = await house.rows(
        'select attempt, duration_ms from usage_events where job_id = $1',
        [jobOf(id)]
      )
      assert.deepEqual([usage.attempt, more.length], [1, 0])
      assert.isAtLeast(Number(usage.duration_ms), 800)
    })

    test('a first attempt that fails is followed by a second, and both are told', async ({
      assert,
    }) => {
      const id = await accept({ prompt: 'a hill fail:transient' })

      const done = await house.ended(id)

      assert.containSubset(done, { status: 'succeeded', cost: { charged: PICTURE } })
      assert.deepEqual(await house.story(id), [
        'queued',
        'running',
        'retrying',
        'running',
        'settled',
        'succeeded',
      ])
      const { attempts, entries } = await house.call(`/generations/${id}/receipt`)
      assert.containSubset(attempts, [
        { attempt: 1, status: 'failed' },
        { attempt: 2, status: 'succeeded', price: PICTURE },
      ])
      assert.lengthOf(entries, 1)
    })

    test('a cancel stops what a vendor works on, and it is free', async ({ assert }) => {
      const id = await accept({ prompt: 'a lake slow:60s' })
      await house.submitted(id)

      await house.call(`/generations/${id}/cancel`, {})
      const done = await house.ended(id)

      assert.containSubset(done, { status: 'canceled', cost: { charged: '0' } })
      const story = await house.story(id)
      assert.deepEqual(story.slice(-3), ['cancel_requested', 'released', 'canceled'])
    })

    test('sixteen at once all end, each once', async ({ assert }) => {
      const prompts = ['a lake', 'a hill slow:200ms', 'fail:transient', 'fail:moderation']
      const ids = await Promise.all(
        Array.from({ length: 16 }, (_, n) => accept({ prompt: prompts[n % 4] }))
      )

      const done = await Promise.all(ids.map((id) => house.ended(id)))

      const count = (state: string) => done.filter(({ status }) => status === state).length
      assert.deepEqual([count('succeeded'), count('failed')], [12, 4])
      assert.deepEqual(await house.faults(), [])
    })

    test('a process that dies at work loses nothing, and nothing is paid twice', async ({
      assert,
    }) => {
      const ids = await Promise.all(
        ['a lake slow:2s', 'a hill', 'fail:transient', 'a wood slow:300ms'].map((prompt) =>
          accept({ prompt })
        )
      )
      await house.until(ids[0], ({ status }) => status === 'running')

      await house.server.kill()
      await house.endLeases()
      await house.start()
      const done = await Promise.all(ids.map((id) => house.ended(id)))

      for (const generation of done) {
        assert.containSubset(generation, { status: 'succeeded', cost: { charged: PICTURE } })
      }
      assert.deepEqual(await house.faults(), [])
    })

    test('a process that dies after it accepted and before it told anybody loses nothing', async ({
      assert,
    }) => {
      if (house.tasks) house.tasks.fault = { hang: 'before' }
      const ids = await Promise.all(Array.from({ length: 5 }, () => accept()))
      await house.server.kill()
      if (house.tasks) house.tasks.fault = null

      await house.endLeases()
      // A job whose task was being made when its maker died is owed another a minute later: now.
      await house.rows(`update jobs set task_due = clock_timestamp() where task_due is not null`)
      await house.start()
      const done = await Promise.all(ids.map((id) => house.ended(id)))

      for (const generation of done) assert.containSubset(generation, { status: 'succeeded' })
      assert.deepEqual(await house.faults(), [])
    })

    test('a process that is told to go leaves its work to the next', async ({ assert }) => {
      const id = await accept({ prompt: 'a lake slow:3s' })
      await house.submitted(id)

      const code = await house.server.stop()
      await house.start()
      const done = await house.ended(id)

      assert.equal(code, 0)
      assert.containSubset(done, { status: 'succeeded', cost: { charged: PICTURE } })
      const { attempts } = await house.call(`/generations/${id}/receipt`)
      assert.containSubset(attempts, [{ attempt: 1, status: 'succeeded' }])
      assert.deepEqual(await house.faults(), [])
    })
  })
}
