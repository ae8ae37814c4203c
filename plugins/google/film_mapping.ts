import type { OutputLink, ProviderCall, ReferenceFile, Usage } from '#core/plugins/model_provider'
import { filesOf } from '#core/plugins/references'
import { at, measureAt, textAt } from '#core/plugins/vendor_steps'

/** What Google calls them on this API, where they are previews still. */
const WIRE_IDS: Record<string, string> = {
  'veo-3.1-generate': 'veo-3.1-generate-preview',
  'veo-3.1-fast': 'veo-3.1-fast-generate-preview',
  'veo-3.1-lite': 'veo-3.1-lite-generate-preview',
}

/** Enough to ask for a film from another process. */
export interface FilmHandle {
  /** `models/…/operations/…`. */
  name: string
  seconds: number
}

interface FilmReport {
  outputs: number
  operation: string
  seconds: number
}

export function wireIdOf(model: string): string {
  return WIRE_IDS[model] ?? model
}

/** The body of `predictLongRunning`. Subjects are filmed with adults only, and Google wants to be told. */
export async function toPrediction({ input, references, callbackUrl }: ProviderCall) {
  const [image] = filesOf(references, 'image')
  const [lastFrame] = filesOf(references, 'last_frame')
  const subjects = filesOf(references, 'reference_images')
  const referenceImages = await Promise.all(
    subjects.map(async (file) => ({ image: await inline(file), referenceType: 'asset' }))
  )
  return {
    instances: [
      {
        prompt: input.prompt,
        ...(image && { image: await inline(image) }),
        ...(lastFrame && { lastFrame: await inline(lastFrame) }),
        ...(subjects.length > 0 && { referenceImages }),
      },
    ],
    parameters: {
      sampleCount: 1,
      durationSeconds: input.duration_seconds,
      aspectRatio: input.aspect_ratio,
      resolution: input.resolution,
      ...(input.negative_prompt !== undefined && { negativePrompt: input.negative_prompt }),
      ...(subjects.length > 0 && { personGeneration: 'allow_adult' }),
    },
    ...(callbackUrl && { webhookConfig: { uris: [callbackUrl] } }),
  }
}

const OPERATION = /^models\/[\w.-]+\/operations\/[\w.-]+$/

/** The name of an operation, as it may stand in an address, or `null`. */
export function operationIn(body: unknown): string | null {
  const name = textAt(body, 'name') ?? ''
  return OPERATION.test(name) ? name : null
}

/** The film of an operation that is done, or none. */
export function toFilms(body: unknown, { seconds }: FilmHandle): OutputLink[] {
  const samples = at(body, 'response', 'generateVideoResponse', 'generatedSamples')
  const found = (Array.isArray(samples) ? samples : []).flatMap((sample: unknown) => {
    const url = textAt(sample, 'video', 'uri')
    return url ? [{ url, authed: true as const, durationMs: seconds * 1000 }] : []
  })
  return found.slice(0, 1)
}

export function toFilmReport({ name, seconds }: FilmHandle, outputs: number): FilmReport {
  return { outputs, operation: name, seconds: seconds * outputs }
}

export function filmUsage(raw: unknown): Usage {
  return {
    outputs: measureAt(raw, 'outputs') ?? 0,
    seconds: measureAt(raw, 'seconds'),
    providerRequestId: textAt(raw, 'operation'),
  }
}

async function inline({ contentType, bytes }: ReferenceFile) {
  return {
    bytesBase64Encoded: Buffer.from(await bytes()).toString('base64'),
    mimeType: contentType,
  }
}
