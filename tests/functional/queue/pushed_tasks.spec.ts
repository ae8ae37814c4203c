import { grpc } from 'google-gax'
import { test } from '@japa/runner'
import { SERVICE_ACCOUNT } from '#tests/fakes/cloud_tasks/fake_cloud_tasks'
import { lifetime } from '#tests/fakes/cloud_tasks/fake_issuer'
import { drawing } from '#tests/functional/generations/studio'
import { DrivenInstallation, jobOf } from './driven.js'

const { status } = grpc

test.group('Tasks that are pushed', (group) => {
  group.each.timeout(120_000)
  let house: DrivenInstallation
  group.setup(async () => {
    house = await DrivenInstallation.make('cloud_tasks')
    await house.start()
    return () => house.remove()
  })
  group.each.teardown(() => {
    house.tasks!.fault = null
    const calm = { copies: 0, lateMs: 0, lostAnswers: 0, paused: false, dropped: 0 }
    Object.assign(house.tasks!.trouble, calm)
  })

  const accept = async (prompt = 'a lighthouse'): Promise<string> => {
    const { id } = await house.call('/generations', drawing({ prompt }))
    return id
  }
  const account = async () => {
    const [{ id }] = await house.rows('select id from accounts order by id limit 1')
    return id
  }

  /** A push as somebody makes it: with the right token, or another. */
  async function push(
    job: string,
    { token, body, text }: { token?: string | null; body?: unknown; text?: string } = {}
  ) {
    const bearer = token === undefined ? await ours() : token
    const response = await fetch(`${house.server.url}/tasks/${job}`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(bearer && { authorization: `Bearer ${bearer}` }),
      },
      body: text ?? JSON.stringify(body ?? { account: await account(), job }),
    })
    return {
      status: response.status,
      retryAfter: response.headers.get('retry-after'),
      body: (await response.json()) as any,
    }
  }
  const claims = () => ({ aud: house.server.url, email: SERVICE_ACCOUNT })
  const ours = () => house.tasks!.issuer.sign(claims())

  test('a task of a job that ended, or that nobody knows, is taken and changes nothing', async ({
    assert,
  }) => {
    const id = await accept()
    await house.ended(id)
    const before = await house.story(id)

    const again = await push(jobOf(id))
    const unknown = await push('job_unknown')
    const foreign = await push(jobOf(id), { body: { account: 'org_other', job: jobOf(id) } })

    assert.deepEqual(
      [again.status, again.body],
      [200, { job: jobOf(id), effect: 'none', found: 'succeeded' }]
    )
    const nothing = { effect: 'none', found: 'unknown' }
    assert.deepEqual([unknown.status, unknown.body], [200, { job: 'job_unknown', ...nothing }])
    assert.deepEqual([foreign.status, foreign.body], [200, { job: jobOf(id), ...nothing }])
    assert.deepEqual(await house.story(id), before)
  })

  const doubts: Record<string, [number, string, () => Promise<string | null>]> = {
    'without a token': [401, 'task_token_missing', async () => null],
    'with an expired token': [
      401,
      'task_token_expired',
      () => house.tasks!.issuer.sign({ ...claims(), ...lifetime(4000) }),
    ],
    'with a forged token': [401, 'task_token_invalid', () => house.tasks!.issuer.forge(claims())],
    'with something else for a token': [401, 'task_token_invalid', async () => 'dg_live_x'],
    'with a token for somebody else': [
      401,
      'task_token_audience',
      () => house.tasks!.issuer.sign({ ...claims(), aud: 'https://else.example.com' }),
    ],
    'with the token of another account': [
      403,
      'task_sender_unknown',
      () => house.tasks!.issuer.sign({ ...claims(), email: 'other@example.com' }),
    ],
  }
  test('a task {$self} is refused and touches nothing')
    .with(Object.keys(doubts))
    .run(async ({ assert }, name) => {
      house.tasks!.trouble.paused = true
      const [expected, code, token] = doubts[name]
      const id = await accept()

      const refused = await push(jobOf(id), { token: await token() })

      assert.deepEqual([refused.status, refused.body.error.code], [expected, code])
      assert.isAbove(refused.body.error.message.length, 20)
      assert.deepEqual(await house.story(id), ['queued'])
      const believed = await push(jobOf(id))
      assert.equal(believed.body.found, 'succeeded')
    })

  const unreadable: Record<string, [number, { body?: unknown; text?: string }]> = {
    'that names another job than its address': [422, { body: { account: 'a', job: 'job_y' } }],
    'without an account': [422, { body: { job: 'job_x' } }],
    'with a number for an account': [422, { body: { account: 7, job: 'job_x' } }],
    'that is a list': [422, { text: '[]' }],
    'that is no JSON': [400, { text: '{' }],
    'with a NUL in it': [400, { body: { account: 'a\u0000', job: 'job_x' } }],
  }
  test('a task {$self} is refused with a reason')
    .with(Object.keys(unreadable))
    .run(async ({ assert }, name) => {
      const [expected, options] = unreadable[name]

      const { status: code, body } = await push('job_x', options)

      assert.equal(code, expected)
      assert.isAbove(body.error.message.length, 10)
    })

  test('a task that comes early, or while somebody works on its job, has to come again', async ({
    assert,
  }) => {
    const id = await accept('a lake slow:60s')
    await house.submitted(id)
    await house.rows(
      `update jobs set run_at = clock_timestamp() + interval '1 hour' where id = $1`,
      [jobOf(id)]
    )

    const early = await push(jobOf(id))
    await house.rows(`update jobs set leased_by = 'other' where id = $1`, [jobOf(id)])
    const taken = await push(jobOf(id))
    await house.rows(`update jobs set leased_by = null where id = $1`, [jobOf(id)])

    assert.deepEqual([early.status, early.body.error.code], [425, 'task_early'])
    assert.closeTo(Number(early.retryAfter), 3600, 5)
    assert.deepEqual([taken.status, taken.body.error.code], [409, 'job_running'])
    await house.call(`/generations/${id}/cancel`, {})
    await house.ended(id)
  })

  test('what is pushed several times at once, late, out of order and again after its answer was lost is done once', async ({
    assert,
  }) => {
    Object.assign(house.tasks!.trouble, { copies: 2, lateMs: 400, lostAnswers: 0.5 })
    const prompts = ['a lake', 'a hill slow:200ms', 'fail:transient', 'fail:moderation']

    const ids = await Promise.all(prompts.concat(prompts).map((prompt) => accept(prompt)))
    const done = await Promise.all(ids.map((id) => house.ended(id)))

    const count = (state: string) => done.filter(({ status: is }) => is === state).length
    assert.deepEqual([count('succeeded'), count('failed')], [6, 2])
    const jobs = ids.map(jobOf)
    const usage = await house.rows(
      `select job_id, attempt from usage_events where job_id = any ($1)
       group by 1, 2 having count(*) > 1`,
      [jobs]
    )
    assert.deepEqual(usage, [])
    const submitted = await house.rows(
      `select job_id, count(*)::int as times from job_events
       where type = 'submitted' and job_id = any ($1) group by 1`,
      [jobs]
    )
    assert.deepEqual(
      submitted.map(({ times }) => times),
      [1, 1]
    )
    assert.deepEqual(await house.faults(), [])
  })

  test('a task that got lost on its way is made again', async ({ assert }) => {
    house.tasks!.trouble.dropped = 1
    const id = await accept()
    const made = () =>
      house.tasks!.made.filter(({ httpRequest }) => httpRequest!.url!.endsWith(jobOf(id))).length
    while (made() < 1) await new Promise((resolve) => setTimeout(resolve, 5))

    await house.rows(`update jobs set task_due = clock_timestamp() where id = $1`, [jobOf(id)])
    const done = await house.ended(id)

    assert.equal(done.status, 'succeeded')
    assert.equal(made(), 2)
  })

  test('while Google takes no tasks everything is accepted and waits, and readiness says why', async ({
    assert,
  }) => {
    house.tasks!.fault = { answer: status.RESOURCE_EXHAUSTED }
    const ids = await Promise.all([accept(), accept(), accept()])
    const ready = async () => {
      const response = await fetch(`${house.server.url}/readyz`)
      return response.json() as Promise<any>
    }
    let report = await ready()
    while (report.checks.work === 'ok') report = await ready()

    assert.isTrue(report.ready)
    assert.include(report.checks.work, 'takes no more for now')
    for (const id of ids) assert.deepEqual(await house.story(id), ['queued'])

    house.tasks!.fault = null
    for (const id of ids) assert.containSubset(await house.ended(id), { status: 'succeeded' })
    assert.containSubset(await ready(), { checks: { work: 'ok' } })
  })

  test('a process that works on no jobs tells of those it makes, and has tasks come again later', async ({
    assert,
  }) => {
    await house.server.stop()
    await house.start({ WORKER: 'off' })

    const id = await accept()
    const off = await push(jobOf(id))

    assert.deepEqual([off.status, off.body.error.code], [503, 'worker_stopped'])
    assert.equal(off.retryAfter, '5')
    while (!house.tasks!.answered.some(({ job }) => job === jobOf(id))) {
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    await house.server.stop()
    await house.start()
    assert.containSubset(await house.ended(id), { status: 'succeeded' })
  })
})

test.group('Tasks where none are pushed', () => {
  test('are told that there is nothing here', async ({ client }) => {
    const response = await client.post('/tasks/job_x').json({ account: 'org_x', job: 'job_x' })

    response.assertStatus(404)
    response.assertBodyContains({ error: { code: 'route_not_found' } })
  })
})
