import { prepareDatabase, startApp, type AppOptions } from './harness/app_process.js'
import { AnchorMissing, same, type Benchmark } from './harness/benchmark.js'
import { startChild } from './harness/child.js'
import { useDatabase, type BenchDatabase } from './harness/database.js'
import { useDirectory } from './harness/directory.js'
import { generationRequest } from './harness/generation_request.js'
import type { Gathering, Telling, TellingResult } from './harness/load/audience.js'
import { openFilesLimit } from './harness/machine.js'
import { populate } from './harness/population.js'
import { interleave } from './harness/rounds.js'
import { median } from './harness/statistics.js'

const SUBSCRIBERS = 10_000
/** What a process has open besides. */
const SPARE_FILES = 500
const ROUNDS = 5
const EVENTS = { 'warm-up': 3, 'measured': 5 }
const MARKER = 'event: queued'

/** How long the last of many waits longer, because events are rows and readers are asked who they are. */
export default {
  name: 'sse',
  about:
    'POST /v1/generations to the moment when the last of 10,000 subscribers of its organisation has the event, against bare node:http writing the same bytes to 10,000 answers',
  unit: 'x',
  better: 'lower',
  floor: 1.5,
  target: 1.2,
  async run(lifetime) {
    const files = openFilesLimit()
    if (files < SUBSCRIBERS + SPARE_FILES) {
      throw new AnchorMissing(
        `A process may open ${files} files here, and the audience needs ${SUBSCRIBERS + SPARE_FILES}. Raise it: ulimit -Hn.`
      )
    }
    const directory = await useDirectory(lifetime)
    const database = await useDatabase(lifetime, directory)
    const options: AppOptions = {
      databaseUrl: database.url,
      directory,
      worker: 'off',
      preload: 'harness/many_streams.js',
    }
    prepareDatabase(options)
    const [key] = await populate(database, 1)
    const appPort = await startApp(lifetime, options)
    const anchor = startChild(lifetime, {
      file: new URL('./anchors/event_server.ts', import.meta.url),
      directory,
    })
    const { port: anchorPort } = await anchor.hear<{ port: number }>()
    const gather = async (gathering: Omit<Gathering, 'count'>) => {
      const file = new URL('./harness/load/audience.ts', import.meta.url)
      const child = startChild(lifetime, { file, directory })
      await child.ask({ gather: { ...gathering, count: SUBSCRIBERS } })
      return child
    }
    const headers = { Authorization: `Bearer ${key}` }
    const audiences = {
      app: await gather({ port: appPort, path: '/v1/events?type=queued', headers }),
      anchor: await gather({ port: anchorPort, path: '/', headers: {} }),
    }

    const event = await sampleEvent(database)
    const told = { app: 0, anchor: 0 }
    const tell = async (name: 'app' | 'anchor', telling: Omit<Telling, 'marker'>) => {
      const { status, ms } = await audiences[name].ask<TellingResult>({
        tell: { marker: MARKER, ...telling },
      })
      same(`The answer of the ${name}`, status, 202)
      told[name]++
      return ms
    }
    const times = async (phase: keyof typeof EVENTS, one: () => Promise<number>) => {
      const all: number[] = []
      for (let n = 0; n < EVENTS[phase]; n++) all.push(await one())
      return median(all)
    }
    const rounds = await interleave(
      {
        app: (phase) =>
          times(phase, () => tell('app', { port: appPort, request: generationRequest(key) })),
        anchor: (phase) =>
          times(phase, () =>
            tell('anchor', { port: anchorPort, request: { path: '/', headers: {}, body: event } })
          ),
      },
      ROUNDS
    )

    for (const name of ['app', 'anchor'] as const) {
      const heard = await audiences[name].ask<number>('count')
      same(`Events heard of the ${name}`, heard, told[name] * SUBSCRIBERS)
    }
    await checkRows(database, told.app)
    const ratios = rounds.map(({ app, anchor: bare }) => app / bare)
    return {
      value: median(ratios),
      settings: {
        ...(await database.describe()),
        subscribers: SUBSCRIBERS,
        bytes: event.length,
        rounds: `${ROUNDS} × ${EVENTS.measured} events a side`,
        worker: 'off',
      },
      table: {
        columns: ['round', 'last subscriber ms', 'anchor ms', 'ratio'],
        rows: rounds.map(({ app, anchor: bare }, n) => [n + 1, app, bare, ratios[n]]),
      },
      notes: [
        `${told.app} events, each heard once by each of ${SUBSCRIBERS}; as many generations, and no violation of the ledger.`,
      ],
    }
  },
} satisfies Benchmark

/** As long as those that the application writes. */
async function sampleEvent({ client }: BenchDatabase): Promise<string> {
  const {
    rows: [{ now }],
  } = await client.query('select now()')
  const suffix = '0'.repeat(26)
  const data = JSON.stringify({
    held: '0.471870',
    model: 'sandbox/image',
    id: `evt_${suffix}_1`,
    generation: `gen_${suffix}`,
    seq: 1,
    type: 'queued',
    created_at: now,
  })
  return `id: ${'x'.repeat(75)}\n${MARKER}\ndata: ${data}\n\n`
}

async function checkRows({ client }: BenchDatabase, told: number) {
  const { rows } = await client.query(`select (select count(*) from generations) as generations,
    (select count(*) from job_events where type = 'queued') as events,
    (select count(*) from ledger_violations) as violations`)
  same('Rows of generations', rows[0].generations, told)
  same('Rows of events', rows[0].events, told)
  same('Violations of the ledger', rows[0].violations, 0)
}
