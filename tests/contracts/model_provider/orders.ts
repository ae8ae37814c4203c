import { randomUUID } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import type { Group } from '@japa/runner/core'
import sharp from 'sharp'
import type { ModelManifest } from '#core/plugins/define_plugin'
import { fetchOutputs } from '#core/plugins/fetch_outputs'
import type {
  ModelProvider,
  OutputFile,
  ProviderAnswer,
  ProviderCall,
  ReferenceFile,
} from '#core/plugins/model_provider'
import type { VendorHttp } from '#core/plugins/vendor_http'
import { checkInput } from '#app/generations/validators/model_input'

const LONGEST_WAIT_MS = 60
const LARGEST_FILE = 64 * 1024 * 1024

/** What a suite of one model is run with. */
export interface Subject extends ModelCase {
  name: string
  model: ModelManifest
  /** Each stands for another process. */
  open: () => Station
  /** What a group of tests needs around it. */
  setup?: (group: Group) => void
}

export interface ModelCase {
  /** A legal order. The model's own example where it says nothing of the input. */
  order?: Order
  /** One whose work is not done at once, for stopping it midway. */
  lengthy: Order
}

/** A provider, and the way to its vendor by which links are fetched. */
export interface Station {
  provider: ModelProvider
  http: VendorHttp
}

/** An answer whose files are at hand. */
export interface Done {
  outputs: OutputFile[]
  raw: unknown
}

export interface Order {
  input?: Record<string, unknown>
  /** Pictures, by where the input names them: `image`, `images/0`. */
  references?: Record<string, Uint8Array>
}

/** The input with its defaults, checked the way the kernel checks it. Throws with what is wrong. */
export function legalInput(model: ModelManifest, order: Order = {}): Record<string, unknown> {
  const input = { ...(order.input ?? model.example), ...filesOf(model, order) }
  const problem = checkInput(model, input, '')
  if (problem) throw new Error(`${model.id}: ${problem.param} ${problem.message}`)
  return input
}

/** Names for the files of an order; one for each parameter where it names none. */
function filesOf(model: ModelManifest, { references }: Order): Record<string, unknown> {
  const { properties, required = [] } = model.parameters
  const input: Record<string, unknown> = {}
  const wanted =
    references ??
    Object.fromEntries(
      Object.keys(model.references)
        .filter((name) => required.includes(name))
        .map((name) => [properties[name].type === 'array' ? `${name}/0` : name, null])
    )
  for (const at of Object.keys(wanted)) {
    const [name, n] = at.split('/')
    if (n === undefined) input[name] = `asset_${name}`
    else input[name] = [...((input[name] as string[]) ?? []), `asset_${name}_${n}`]
  }
  return input
}

export interface CallOptions {
  signal?: AbortSignal
  jobId?: string
  attempt?: number
  progress?(fraction: number): void
}

/** A call as the kernel makes it. */
export async function callOf(
  model: ModelManifest,
  order: Order = {},
  options: CallOptions = {}
): Promise<ProviderCall> {
  const references: Record<string, ReferenceFile> = {}
  for (const [name, bytes] of Object.entries(order.references ?? {})) {
    references[name] = await referenceOf(bytes)
  }
  return {
    model: model.id,
    input: legalInput(model, order),
    references,
    // No two jobs have the same, and some vendors refuse an id that they know.
    jobId: options.jobId ?? `job_${randomUUID()}`,
    attempt: options.attempt ?? 1,
    signal: options.signal ?? new AbortController().signal,
    callbackUrl: null,
    progress: options.progress ?? (() => {}),
  }
}

async function referenceOf(bytes: Uint8Array): Promise<ReferenceFile> {
  const { format, autoOrient } = await sharp(bytes).metadata()
  return {
    contentType: `image/${format}`,
    ...autoOrient,
    bytes: async () => bytes,
    url: () => 'https://files.example/reference',
  }
}

/** Follows a work to its end, handing each handle over as the database would: as JSON. */
export async function finish(
  { provider, http }: Station,
  call: ProviderCall,
  first?: ProviderAnswer
): Promise<Done> {
  let answer = first ?? (await provider.submit(call))
  while (answer.status === 'pending') {
    // A fake works no faster for a vendor that wants to be asked seldom.
    await setTimeout(Math.min(answer.pollAfterMs, LONGEST_WAIT_MS))
    answer = await provider.poll(call, asJson(answer.handle))
  }
  const terms = { maxBytes: LARGEST_FILE, timeoutMs: 10_000, signal: call.signal }
  return { raw: answer.raw, outputs: await fetchOutputs(http, answer.outputs, terms) }
}

export function asJson<Value>(value: Value): Value {
  return JSON.parse(JSON.stringify(value))
}

/** What a call that must fail threw, read by its provider. */
export async function failureOf(provider: ModelProvider, work: Promise<unknown>) {
  const thrown = await work.then(
    () => {
      throw new Error('It succeeded, and was to fail.')
    },
    (error: unknown) => error
  )
  return provider.classify(thrown)
}

/** One station for a group, closed behind it: a thread that stays would keep the runner alive. */
export function stationOf(
  group: { teardown(handler: () => Promise<void>): void },
  open: () => Station
) {
  let station: Station | undefined
  group.teardown(async () => station?.provider.close())
  return () => (station ??= open())
}
