import { setTimeout as sleep } from 'node:timers/promises'
import { checkAccepted } from './harness/accepted_check.js'
import { CONNECTIONS, prepareAccepting, ROUNDS, SECONDS, useFloods } from './harness/accepting.js'
import { freePort } from './harness/app_process.js'
import { AnchorMissing, type Benchmark } from './harness/benchmark.js'
import { startChild } from './harness/child.js'
import { generationRequest } from './harness/generation_request.js'
import { Generator } from './harness/load/generator.js'
import { installPeers, PEERS } from './harness/peers.js'
import { interleave } from './harness/rounds.js'
import { median } from './harness/statistics.js'

const GATEWAY_BOOT_MS = 30_000

/** Another duty: we hold credits and enqueue durably, a gateway passes one call on. */
export default {
  name: 'accept-gateway',
  about:
    'POST /v1/generations at 16 connections over 1,000 organisations with 3 grants, 3 speed rules and 2 budgets each, against @portkey-ai/gateway passing one call on to a stub on loopback',
  unit: 'x',
  better: 'higher',
  floor: 2,
  target: 4,
  async run(lifetime) {
    installPeers()
    const { directory, database, keys, start } = await prepareAccepting(lifetime)
    const stub = startChild(lifetime, { file: new URL('image_stub.js', PEERS), directory })
    const { port: vendor } = await stub.hear<{ port: number }>()
    const ports = {
      accept: await start(),
      gateway: await startGateway(lifetime, directory),
    }
    const generator = await Generator.start(lifetime, directory, {
      accept: keys.map(generationRequest),
      gateway: [imageRequest(vendor)],
    })

    const { answers, flood } = useFloods(generator, ports)
    const rounds = await interleave({ accept: flood('accept'), gateway: flood('gateway') }, ROUNDS)

    await checkAccepted(database, answers.accept)
    const ratios = rounds.map(({ accept, gateway }) => accept.perSecond / gateway.perSecond)
    return {
      value: median(ratios),
      settings: {
        ...(await database.describe()),
        connections: CONNECTIONS,
        rounds: `${ROUNDS} × ${SECONDS.measured} s a side`,
        worker: 'off',
      },
      table: {
        columns: [
          'round',
          'accept /s',
          'p50 ms',
          'p99 ms',
          'gateway /s',
          'p50 ms',
          'p99 ms',
          'ratio',
        ],
        rows: rounds.map(({ accept, gateway }, n) => [
          ...[n + 1, accept.perSecond, accept.p50Ms, accept.p99Ms],
          ...[gateway.perSecond, gateway.p50Ms, gateway.p99Ms, ratios[n]],
        ]),
      },
      notes: [
        `${answers.accept} answers of 202, as many holds, jobs, generations and events; no violation of the ledger. ${answers.gateway} answers by the gateway.`,
      ],
    }
  },
} satisfies Benchmark

async function startGateway(lifetime: AsyncDisposableStack, directory: string): Promise<number> {
  const port = await freePort()
  const gateway = startChild(lifetime, {
    file: new URL('node_modules/@portkey-ai/gateway/build/start-server.js', PEERS),
    args: [`--port=${port}`, '--headless'],
    execArgv: [`--import=${new URL('loopback_only.js', PEERS)}`],
    env: { NODE_ENV: 'production' },
    directory,
  })
  for (const end = Date.now() + GATEWAY_BOOT_MS; Date.now() < end; await sleep(50)) {
    if (gateway.hasEnded) throw gateway.failure('ended before it was ready')
    const answer = await fetch(`http://127.0.0.1:${port}/`).catch(() => null)
    if (answer?.ok) return port
  }
  throw new AnchorMissing('The gateway was not ready in time.')
}

function imageRequest(vendor: number) {
  return {
    path: '/v1/images/generations',
    headers: {
      'Authorization': 'Bearer of-nobody',
      'x-portkey-provider': 'openai',
      'x-portkey-custom-host': `http://127.0.0.1:${vendor}/v1`,
    },
    body: JSON.stringify({ model: 'gpt-image-2', prompt: 'a quiet valley at dusk' }),
  }
}
