import crypto from 'node:crypto'
import { PostgresJobQueue } from '#adapters/queue/postgres_job_queue'
import workerSettings from '#config/worker'
import { armFailpoints, FAILPOINTS, type Failpoint } from '#core/failpoint'
import type { ProviderAnswer, ProviderCall } from '#core/plugins/model_provider'
import { SandboxProvider } from '#plugins/sandbox/provider'

/**
 * Imported before an application that is to be killed, and by nothing else. `FAILPOINT=<name>:<n>`
 * ends the process when it comes to that failpoint for the nth time, as the kernel would. Where
 * `NODE_ENV` is production it takes `FAILPOINTS_IN_PRODUCTION=yes` as well.
 */
const [name, times = '1'] = (process.env.FAILPOINT ?? '').split(':')
if (name) {
  if (process.env.NODE_ENV === 'production' && process.env.FAILPOINTS_IN_PRODUCTION !== 'yes') {
    throw new Error('Failpoints end this process on purpose, so they stay off in production.')
  }
  if (!FAILPOINTS.includes(name as Failpoint)) throw new Error(`There is no failpoint ${name}.`)
  let left = Number(times)
  armFailpoints((reached) => {
    if (reached === name && --left === 0) process.kill(process.pid, 'SIGKILL')
  })
}

/**
 * Who dies is missed after two seconds and not after thirty, so that a run takes minutes. Nothing is
 * to be taken for what kills the workers, however often it is there.
 */
Object.assign(workerSettings, {
  lostWorkers: 1_000,
  lease: 2_000,
  heartbeat: 500,
  idlePoll: 200,
  sweep: 400,
})

/** A worker that could not reach its database once does not ask it again. */
if (process.env.GIVE_UP === 'yes') {
  const { claim } = PostgresJobQueue.prototype
  let hasGivenUp = false
  PostgresJobQueue.prototype.claim = async function (request) {
    if (hasGivenUp) return []
    return claim.call(this, request).catch((error) => {
      hasGivenUp = true
      throw error
    })
  }
}

/** What is told is signed without its id. */
if (process.env.SIGN_WITHOUT_ID === 'yes') {
  const update = crypto.Hmac.prototype.update as (text: crypto.BinaryLike) => crypto.Hmac
  crypto.Hmac.prototype.update = function (this: crypto.Hmac, text: crypto.BinaryLike) {
    const rest = typeof text === 'string' ? text.replace(/^evt_\w+\.(?=\d+\.)/, '') : text
    return update.call(this, rest)
  }
}

/** The sandbox draws each order once; then every job gets the picture at once, as a file of its own. */
const drawn = new Map<string, ProviderAnswer & { status: 'done' }>()
const { submit, poll } = SandboxProvider.prototype

SandboxProvider.prototype.submit = async function (call) {
  const known = drawn.get(orderOf(call))
  return known && !isSlow(call) ? own(call, known) : remember(call, await submit.call(this, call))
}

SandboxProvider.prototype.poll = async function (call, handle) {
  const known = drawn.get(orderOf(call))
  const isReady = Number(handle.ready_at) <= Date.now()
  return known && isReady ? own(call, known) : remember(call, await poll.call(this, call, handle))
}

function orderOf({ model, input }: ProviderCall): string {
  return JSON.stringify([model, input])
}

/** Those take their time, those that fail are never drawn. */
function isSlow({ input }: ProviderCall): boolean {
  return String(input.prompt).includes('slow:')
}

function remember(call: ProviderCall, answer: ProviderAnswer): ProviderAnswer {
  if (answer.status !== 'done') return answer
  drawn.set(orderOf(call), answer)
  return own(call, answer)
}

/** What follows the end of a picture is no part of it, but of the file. */
function own({ jobId }: ProviderCall, answer: ProviderAnswer & { status: 'done' }): ProviderAnswer {
  const outputs = answer.outputs.map((output) =>
    'bytes' in output
      ? { ...output, bytes: Buffer.concat([output.bytes, Buffer.from(jobId)]) }
      : output
  )
  return { ...answer, outputs }
}
