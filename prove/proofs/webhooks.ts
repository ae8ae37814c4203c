import { mkdtemp } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { buildOnce } from '../../benchmarks/harness/build.js'
import { populate } from '../../benchmarks/harness/population.js'
import { openJobs } from '../kill/aftermath.js'
import { Application } from '../kill/application.js'
import type { Installation } from '../kill/armed_process.js'
import { Callers } from '../kill/callers.js'
import { connect, type Keepers } from '../harness/keepers.js'
import { administer } from '../harness/server.js'
import { Random } from '../model/random.js'
import { Broken, same, type Proof } from '../proof.js'
import { Listener } from '../webhooks/listener.js'

const SIZES = {
  small: { events: 24, kills: 1 },
  ci: { events: 200, kills: 3 },
  release: { events: 20_000, kills: 200 },
}
const ORGANISATIONS = 4
const CALLERS = 4
/** Of what an endpoint is told, it fails this part. Eight tries have to do for all that is told. */
const FAILS = 0.25
const PATIENCE_MS = 60_000

/** Endpoints that often fail, and one that always does, while what tells them dies. */
export default {
  name: 'webhooks',
  about:
    'endpoints that fail, while processes that tell them die: each event is heard, signed by the standard and with one body however often; one that takes nothing for five days is disabled',
  async run({ server, seed, size, mutant }) {
    const { events, kills } = SIZES[size]
    await using lifetime = new AsyncDisposableStack()
    buildOnce()
    const databaseUrl = await server.database(lifetime, 'plain', mutant)
    const directory = await mkdtemp(join(server.directory, 'webhooks-'))
    const keys = await administer(databaseUrl, async (client) => {
      const made = await populate({ client }, ORGANISATIONS)
      await client.query(`update api_keys set scopes = '{generate,read,admin}'`)
      return made
    })
    const installation: Installation = {
      databaseUrl,
      directory,
      environment: { WEBHOOKS_ALLOW_PRIVATE: 'true', ...mutant?.environment },
    }
    const random = new Random(seed)
    const keepers = connect(databaseUrl)
    lifetime.defer(() => keepers.close())

    let application = await Application.start(installation)
    lifetime.defer(() => application.kill())
    const listeners = await Promise.all(
      keys.map((key, n) => listen(application, { key, part: n === 0 ? 1 : FAILS, random }))
    )
    lifetime.defer(() => listeners.forEach((listener) => listener.close()))
    const [dead, ...living] = listeners

    const callers = new Callers([application], { keys, random, many: CALLERS, most: events })
    lifetime.defer(() => callers.stop())
    await callers.done
    for (let n = 0; n < kills; n++) {
      await sleep(random.between(50, 300))
      if (n === 0) await sixDaysLater(keepers, dead)
      await application.kill()
      application = await Application.start(installation)
      if (n === 0) await rotate(application, { key: keys[1], listener: living[0] })
    }
    await allTold(keepers, databaseUrl)

    for (const { wrong } of listeners) if (wrong) throw new Broken(wrong)
    const heard = await checkAll(keepers, living)
    await checkDisabled(keepers, dead)
    const tries = listeners.reduce((sum, listener) => sum + listener.heard, 0)
    return { events, heard, tries, kills, disabled: 1 }
  },
} satisfies Proof

/** An endpoint of the organisation of this key. */
async function listen(
  application: Application,
  { key, part, random }: { key: string; part: number; random: Random }
): Promise<Listener> {
  const listener = await Listener.open(part, random.fork(`listener ${key}`))
  const made = await post(application, key, '', { url: listener.url, events: ['generation.*'] })
  listener.signedWith(made.secret)
  return listener
}

/** Both secrets sign for a day. */
async function rotate(
  application: Application,
  { key, listener }: { key: string; listener: Listener }
) {
  const path = `http://127.0.0.1:${application.port}/v1/webhook_endpoints`
  const list = await fetch(path, { headers: { authorization: `Bearer ${key}` } })
  const { data } = (await list.json()) as { data: { id: string }[] }
  const { secret } = await post(application, key, `/${data[0].id}/rotate_secret`, {})
  listener.signedWith(secret)
}

async function post(application: Application, key: string, path: string, body: object) {
  const response = await fetch(`http://127.0.0.1:${application.port}/v1/webhook_endpoints${path}`, {
    method: 'POST',
    headers: { 'authorization': `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`)
  return (await response.json()) as { id: string; secret: string }
}

/** Who has taken nothing until now has taken nothing for so long. */
async function sixDaysLater({ sql }: Keepers, { url }: Listener) {
  const deadline = Date.now() + PATIENCE_MS
  for (;;) {
    const rows = await sql.rows(
      `update webhook_endpoints set failing_since = failing_since - interval '6 days'
       where url = $1 and failing_since is not null returning id`,
      [url]
    )
    if (rows.length > 0) return
    if (Date.now() > deadline)
      throw new Broken('an endpoint that takes nothing is not seen to fail')
    await sleep(50)
  }
}

/**
 * Once nothing is to be told any more. Tries are due at once, and generations change meanwhile:
 * what was told of one stays what it was.
 */
async function allTold({ sql }: Keepers, databaseUrl: string) {
  const deadline = Date.now() + PATIENCE_MS
  for (let look = 0; (await openJobs(databaseUrl)) > 0; look++) {
    if (Date.now() > deadline) throw new Broken('webhooks are still to be told')
    await sql.rows(
      `update webhook_deliveries set next_at = clock_timestamp()
       where state = 'pending' and next_at > clock_timestamp()`
    )
    await sql.rows(
      `update jobs set run_at = clock_timestamp()
       where kind = 'webhook' and state = 'queued' and run_at > clock_timestamp()`
    )
    await sql.rows(
      `update lanes set due_at = clock_timestamp() where kind = 'webhook' and due_at > clock_timestamp()`
    )
    await sql.rows(
      `update generations set metadata = jsonb_build_object('look', $1::text) where outcome is not null`,
      [String(look)]
    )
    await sleep(100)
  }
}

/** Each generation's end is taken by its organisation's endpoint, unless eight tries failed. */
async function checkAll({ sql }: Keepers, living: Listener[]): Promise<number> {
  const rows = await sql.rows<{
    url: string
    event: string
    state: string
    seq: bigint
    attempts: bigint
    told: bigint
    generation: string
    ended: bigint
  }>(
    `select e.url, d.event_id as event, d.state, d.seq, d.attempts::bigint, g.id as generation,
       (select count(*) from webhook_attempts a
        where a.account_id = d.account_id and a.delivery_id = d.id) as told,
       (select count(*) from generations o
        where o.account_id = g.account_id and o.outcome is not null) as ended
     from webhook_deliveries d
     join webhook_endpoints e on e.account_id = d.account_id and e.id = d.endpoint_id
     join generations g on g.account_id = d.account_id and g.id = d.generation_id
     order by d.account_id, d.seq`
  )
  let heard = 0
  for (const listener of living) {
    const own = rows.filter(({ url }) => url === listener.url)
    same('events of an organisation', own.length, own[0]?.ended)
    own.forEach(({ event, seq, state, attempts, told, generation }, n) => {
      same(`the number of ${event}`, seq, n + 1)
      same(`tries of ${event} that are told`, told, attempts)
      const taken = listener.taken.get(event)
      if (state === 'failed') same(`tries of ${event} before it was given up`, attempts, 8)
      else same(`the state of ${event}`, state, 'delivered')
      if (state === 'delivered' && !taken) throw new Broken(`${event} was never heard`)
      if (!taken) return
      heard++
      same(`the number of ${event} as it was heard`, taken.seq, seq)
      same(`whom ${event} is about`, taken.generation, generation)
    })
  }
  if (heard === 0) throw new Error('Nothing was ever heard.')
  return heard
}

async function checkDisabled({ sql }: Keepers, dead: Listener) {
  const { because, notices } = await sql.row<{ because: string | null; notices: bigint }>(
    `select disabled_because as because, (select count(*) from notices n
       where n.account_id = e.account_id and n.type = 'webhook_disabled') as notices
     from webhook_endpoints e where url = $1`,
    [dead.url]
  )
  same('why an endpoint that takes nothing for five days is disabled', because, 'failing')
  same('notices of that', notices, 1)
  const { pending } = await sql.row<{ pending: bigint }>(
    `select count(*) as pending from webhook_deliveries where state = 'pending'`
  )
  same('deliveries that still wait', pending, 0)
}
