import { setTimeout } from 'node:timers/promises'
import { Ajv2020 } from 'ajv/dist/2020.js'
import sharp from 'sharp'
import type { ModelManifest } from '#core/plugins/define_plugin'
import type {
  ModelProvider,
  ProviderAnswer,
  ProviderCall,
  ReferenceFile,
} from '#core/plugins/model_provider'

/** What a suite of one model is run with. */
export interface Subject extends ModelCase {
  name: string
  model: ModelManifest
  makeProvider: () => ModelProvider
}

export interface ModelCase {
  /** A legal order. The model's own example where it says nothing of the input. */
  order?: Order
  /** One whose work is not done at once, for stopping it midway. */
  lengthy: Order
}

export type Done = Extract<ProviderAnswer, { status: 'done' }>

export interface Order {
  input?: Record<string, unknown>
  /** Pictures, by the parameter that names them. */
  references?: Record<string, Uint8Array>
}

/** The input with its defaults, checked the way the kernel checks it. Throws with what is wrong. */
export function legalInput(model: ModelManifest, order: Order = {}): Record<string, unknown> {
  const files = Object.keys(model.references).map((name) => [name, `asset_${name}`])
  const input = { ...(order.input ?? model.example), ...Object.fromEntries(files) }
  const ajv = new Ajv2020({ strict: true, useDefaults: true, allErrors: true })
  if (!ajv.validate(model.parameters, input)) throw new Error(`${model.id}: ${ajv.errorsText()}`)
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
    jobId: options.jobId ?? 'job_contract',
    attempt: options.attempt ?? 1,
    signal: options.signal ?? new AbortController().signal,
    progress: options.progress ?? (() => {}),
  }
}

async function referenceOf(bytes: Uint8Array): Promise<ReferenceFile> {
  const { format, autoOrient } = await sharp(bytes).metadata()
  return { contentType: `image/${format}`, ...autoOrient, bytes: async () => bytes }
}

/** Follows a work to its end, handing each handle over as the database would: as JSON. */
export async function finish(
  provider: ModelProvider,
  call: ProviderCall,
  first?: ProviderAnswer
): Promise<Done> {
  let answer = first ?? (await provider.submit(call))
  while (answer.status === 'pending') {
    await setTimeout(answer.pollAfterMs)
    answer = await provider.poll(call, asJson(answer.handle))
  }
  return answer
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

/** One provider for a group, closed behind it: a thread that stays would keep the runner alive. */
export function providerOf(
  group: { teardown(handler: () => Promise<void>): void },
  make: () => ModelProvider
) {
  let provider: ModelProvider | undefined
  group.teardown(async () => provider?.close())
  return () => (provider ??= make())
}
