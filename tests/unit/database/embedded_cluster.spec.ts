import { test } from '@japa/runner'
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { EmbeddedCluster } from '#database/embedded/cluster'

const SETTINGS = { fsync: 'off', full_page_writes: 'off' }

/** Another process of the application: acquires, says what it got, holds until its input ends. */
const HOLDER = `
  const { EmbeddedCluster } = await import(${JSON.stringify(import.meta.resolve('#database/embedded/cluster'))})
  const cluster = await EmbeddedCluster.acquire(JSON.parse(process.argv[1]))
  const { url, startedByUs, initialised } = cluster
  console.log(JSON.stringify({ url, startedByUs, initialised }))
  process.stdin.on('end', () => cluster.release()).resume()
`

test.group('Embedded cluster', (group) => {
  let dataDirectory: string
  let holders: ChildProcess[]
  let clusters: EmbeddedCluster[]

  group.each.timeout(60_000)
  group.each.setup(() => {
    dataDirectory = join(mkdtempSync(join(tmpdir(), 'daygen-cluster-')), 'data', 'postgres')
    holders = []
    clusters = []
    return async () => {
      await Promise.all(holders.map(leave))
      await Promise.all(clusters.map((cluster) => cluster.release()))
      if (isServing()) process.kill(serverPid(), 'SIGQUIT')
      rmSync(dirname(dirname(dataDirectory)), { recursive: true, force: true, maxRetries: 10 })
    }
  })

  async function acquire(settings: Record<string, string> = SETTINGS) {
    const cluster = await EmbeddedCluster.acquire({ dataDirectory, database: 'daygen', settings })
    clusters.push(cluster)
    return cluster
  }

  function startHolder() {
    const options = JSON.stringify({ dataDirectory, database: 'daygen', settings: SETTINGS })
    const holder = spawn(
      process.execPath,
      ['--import=@poppinss/ts-exec', '--input-type=module', '--eval', HOLDER, options],
      { cwd: join(import.meta.dirname, '../../..'), stdio: ['pipe', 'pipe', 'inherit'] }
    )
    holders.push(holder)
    return holder
  }

  const serverPid = () =>
    Number.parseInt(readFileSync(join(dataDirectory, 'postmaster.pid'), 'utf8'))
  const isServing = () => existsSync(join(dataDirectory, 'postmaster.pid'))

  test('creates a cluster and its database where there is nothing, and stops it at the end', async ({
    assert,
  }) => {
    const cluster = await acquire()
    assert.isTrue(cluster.initialised)
    assert.isTrue(cluster.startedByUs)
    assert.deepEqual(await query(cluster.url, 'select current_database() as name'), [
      { name: 'daygen' },
    ])

    await cluster.release()
    await cluster.release()
    assert.isFalse(isServing())
  })

  test('keeps what was committed, also when the server and its owner are killed', async ({
    assert,
  }) => {
    const first = await acquire({})
    await query(first.url, 'create table kept as select 1 as n')
    await first.release()

    const second = await acquire({})
    await query(second.url, 'insert into kept values (2)')
    process.kill(serverPid(), 'SIGKILL')
    await sleep(100)

    const third = await acquire({})
    assert.isFalse(third.initialised)
    assert.isTrue(third.startedByUs)
    assert.deepEqual(await query(third.url, 'select n from kept order by n'), [{ n: 1 }, { n: 2 }])
  })

  test('lets four processes at once end up with one server, which the last one stops', async ({
    assert,
  }) => {
    const running = [startHolder(), startHolder(), startHolder(), startHolder()]
    const held = await Promise.all(running.map(told))

    assert.lengthOf(new Set(held.map(({ url }) => url)), 1)
    assert.lengthOf(
      held.filter(({ initialised }) => initialised),
      1
    )
    assert.lengthOf(
      held.filter(({ startedByUs }) => startedByUs),
      1
    )

    await Promise.all(running.slice(1).map(leave))
    assert.deepEqual(await query(held[0].url, 'select 1 as n'), [{ n: 1 }])

    await leave(running[0])
    assert.isFalse(isServing())
  })

  test('takes over the server of a process that was killed, and stops it in its place', async ({
    assert,
  }) => {
    const owner = startHolder()
    const { url } = await told(owner)
    owner.kill('SIGKILL')
    await once(owner, 'exit')

    const heir = await acquire()
    assert.equal(heir.url, url)
    assert.isFalse(heir.startedByUs)

    await heir.release()
    assert.isFalse(isServing())
  })

  test('starts over when creating the cluster was cut short', async ({ assert }) => {
    const parent = dirname(dataDirectory)
    const drafts = () => readdirSync(parent).filter((name) => name.includes('.draft-'))
    mkdirSync(parent)
    const owner = startHolder()
    while (drafts().length === 0) await sleep(5)
    owner.kill('SIGKILL')
    await once(owner, 'exit')
    assert.isFalse(existsSync(dataDirectory))

    const cluster = await acquire()
    assert.isTrue(cluster.initialised)
    assert.isEmpty(drafts())
  })

  test('starts although the number of a crashed server now names another process', async ({
    assert,
  }) => {
    const cluster = await acquire()
    const pidFile = join(dataDirectory, 'postmaster.pid')
    const [, ...rest] = readFileSync(pidFile, 'utf8').split('\n')
    process.kill(serverPid(), 'SIGKILL')
    await sleep(100)
    writeFileSync(pidFile, [process.pid, ...rest].join('\n'))

    const next = await acquire()
    assert.isTrue(next.startedByUs)
    assert.deepEqual(await query(next.url, 'select 1 as n'), [{ n: 1 }])
    assert.equal(next.url, cluster.url)
  }).skip(process.platform !== 'linux', 'only Linux tells the two processes apart')

  test('moves to another port while somebody else has its own', async ({ assert }) => {
    const before = await acquire()
    await before.release()
    const stranger = createServer().listen(Number(new URL(before.url).port), '127.0.0.1')
    await once(stranger, 'listening')

    const displaced = await acquire()
    assert.notEqual(new URL(displaced.url).port, new URL(before.url).port)
    assert.deepEqual(await query(displaced.url, 'select 1 as n'), [{ n: 1 }])

    await displaced.release()
    stranger.close()
    await once(stranger, 'close')
    const returned = await acquire()
    assert.equal(returned.url, before.url)
  })

  test('lets in nobody without the password, and the superuser not at all', async ({ assert }) => {
    const { url } = await acquire()
    const guessed = new URL(url)
    guessed.password = 'guess'
    const superuser = new URL(url)
    superuser.username = 'postgres'

    await assert.rejects(() => query(guessed.href, 'select 1'), /password authentication failed/)
    await assert.rejects(() => query(superuser.href, 'select 1'), /password authentication failed/)
    assert.deepEqual(
      await query(url, 'select rolsuper from pg_roles where rolname = current_user'),
      [{ rolsuper: false }]
    )
  })

  test('refuses a directory that holds something else, and touches nothing', async ({ assert }) => {
    mkdirSync(dataDirectory, { recursive: true })
    writeFileSync(join(dataDirectory, 'holiday.jpg'), 'sea')

    const { code } = await refusal(acquire)
    assert.equal(code, 'E_DATABASE_DIRECTORY_OCCUPIED')
    assert.deepEqual(readdirSync(dataDirectory), ['holiday.jpg'])
    assert.deepEqual(readdirSync(dirname(dataDirectory)), ['postgres'])
  })

  test('refuses data of another Postgres version', async ({ assert }) => {
    const cluster = await acquire()
    await cluster.release()
    writeFileSync(join(dataDirectory, 'PG_VERSION'), '17\n')

    const { code, message } = await refusal(acquire)
    assert.equal(code, 'E_DATABASE_VERSION')
    assert.match(message, /written by Postgres 17, and this is Postgres 18/)
  })

  test('refuses a directory that cannot be created', async ({ assert }) => {
    writeFileSync(dirname(dataDirectory), 'a file where a directory should be')

    const { code } = await refusal(acquire)
    assert.equal(code, 'E_DATABASE_DIRECTORY_UNUSABLE')
  })

  test('says what Postgres complains of when it does not start, and leaves nothing running', async ({
    assert,
  }) => {
    const { code, message } = await refusal(() => acquire({ ...SETTINGS, work_mem: 'plenty' }))
    assert.equal(code, 'E_DATABASE_START')
    assert.match(message, /invalid value for parameter "work_mem": "plenty"/)
    assert.isFalse(isServing())
    assert.isEmpty(readdirSync(`${dataDirectory}.users`))

    const cluster = await acquire()
    assert.deepEqual(await query(cluster.url, 'select 1 as n'), [{ n: 1 }])
  })
})

async function query(url: string, statement: string): Promise<unknown[]> {
  const client = new pg.Client(url)
  try {
    await client.connect()
    const { rows } = await client.query(statement)
    return rows
  } finally {
    await client.end()
  }
}

async function refusal(attempt: () => Promise<unknown>): Promise<Error & { code?: string }> {
  return attempt().then(
    () => new Error('was not refused'),
    (error) => error
  )
}

async function told(
  holder: ChildProcess
): Promise<{ url: string; startedByUs: boolean; initialised: boolean }> {
  const line = once(createInterface(holder.stdout!), 'line')
  const exit = once(holder, 'exit').then(() => Promise.reject(new Error('the holder gave up')))
  const [said] = await Promise.race([line, exit])
  return JSON.parse(said)
}

async function leave(holder: ChildProcess): Promise<void> {
  if (holder.exitCode !== null || holder.signalCode !== null) return
  holder.stdin!.end()
  await once(holder, 'exit')
}
