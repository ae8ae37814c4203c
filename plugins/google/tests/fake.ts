import { readSize, type Size } from '#core/plugins/geometry'
import {
  FakeVendor,
  working,
  type Complaint,
  type FakeAnswer,
  type FakeCall,
  type FakeRoute,
} from '#tests/fakes/vendor/fake_vendor'
import { film, picture } from '#tests/fakes/vendor/media'
import type { Trouble } from '#tests/fakes/vendor/troubles'
import plugin from '../plugin.js'

const HOST = 'generativelanguage.googleapis.com'

/** Tokens of a picture, by its size. */
const DRAWERS: Record<string, Record<string, number>> = {
  'gemini-3.1-flash-image': { '512': 747, '1K': 1_120, '2K': 1_680, '4K': 2_520 },
  'gemini-3-pro-image': { '1K': 1_120, '2K': 1_120, '4K': 2_000 },
}
const FILMERS: Record<string, string[]> = {
  'veo-3.1-generate-preview': ['720p', '1080p', '4k'],
  'veo-3.1-fast-generate-preview': ['720p', '1080p', '4k'],
  'veo-3.1-lite-generate-preview': ['720p', '1080p'],
}
const RATIOS = ['1:1', '2:3', '3:2', '3:4', '4:3', '4:5', '5:4', '9:16', '16:9', '21:9']
const SHORT_SIDES: Record<string, number> = { '720p': 720, '1080p': 1080, '4k': 2160 }
const PARAMETERS = [
  ...['sampleCount', 'durationSeconds', 'aspectRatio', 'resolution', 'personGeneration'],
  ...['negativePrompt', 'enhancePrompt'],
]

interface Operation {
  readyAt: number
  trouble: Trouble | null
  size: Size
  seconds: number
  uri: string | null
}

/** Google's pictures and films, as they were documented on 2026-11-22. */
export default class FakeGoogle extends FakeVendor {
  readonly #operations = new Map<string, Operation>()

  constructor() {
    super(plugin)
  }

  protected readonly routes: FakeRoute[] = [
    {
      method: 'POST',
      path: '/v1beta/models/:call',
      step: 'submit',
      answer: (call) => this.#work(call),
    },
    {
      method: 'GET',
      path: '/v1beta/models/:model/operations/:id',
      step: 'poll',
      answer: ({ path }) => this.#operation(path.slice('/v1beta/'.length)),
    },
  ]

  protected complaint(complaint: Complaint): FakeAnswer {
    switch (complaint) {
      case 'auth':
        return refusal(400, 'INVALID_ARGUMENT', [{ reason: 'API_KEY_INVALID' }])
      case 'rate':
        // It says how long in its own way, and in no header.
        return {
          ...refusal(429, 'RESOURCE_EXHAUSTED', [
            { violations: [{ quotaId: 'GenerateRequestsPerMinutePerProjectPerModel' }] },
            { retryDelay: '2s' },
          ]),
          headers: { 'retry-after': '' },
        }
      case 'server':
        return refusal(503, 'UNAVAILABLE')
      case 'not_found':
        return refusal(404, 'NOT_FOUND')
    }
  }

  async #work(call: FakeCall): Promise<FakeAnswer> {
    const [model, verb] = call.params.call.split(':')
    const refused = troubleOf(call)
    if (refused) return refused
    const body = call.json()
    if (verb === 'generateContent' && DRAWERS[model]) return this.#draw(call, model, body)
    if (verb === 'predictLongRunning' && FILMERS[model]) return this.#film(call, model, body)
    return this.complaint('not_found')
  }

  async #draw(call: FakeCall, model: string, body: Record<string, unknown>): Promise<FakeAnswer> {
    const order = readContent(body)
    const tokens = order && DRAWERS[model][order.imageSize]
    if (!tokens) return refusal(400, 'INVALID_ARGUMENT')
    await working(call)
    const sent = { text: Math.ceil(order.text.length / 4), pictures: order.pictures * 1_120 }
    const { trouble } = call
    if (trouble === 'moderation') {
      return {
        json: { promptFeedback: { blockReason: 'SAFETY' }, usageMetadata: usageOf(sent, 0) },
      }
    }
    if (trouble === 'withheld' || trouble === 'empty') {
      const finishReason = trouble === 'empty' ? 'NO_IMAGE' : 'IMAGE_SAFETY'
      return { json: { candidates: [{ finishReason }], usageMetadata: usageOf(sent, 0) } }
    }
    // A picture of the size that was asked for would only take time: nobody counts its pixels.
    const bytes = this.made(await picture({ width: 64, height: 64 }, 'png', this.next()))
    const sketch = await picture({ width: 32, height: 32 })
    const parts = [
      { text: 'Here is a sketch.', thought: true },
      { ...inlineOf(sketch), thought: true },
      { text: 'Here it is.' },
      inlineOf(bytes),
      // The model draws as many as it likes.
      ...(order.text.includes('two results') ? [inlineOf(sketch)] : []),
    ]
    return {
      json: {
        responseId: `response_${this.next()}`,
        candidates: [{ content: { role: 'model', parts }, finishReason: 'STOP' }],
        usageMetadata: trouble === 'absurd' ? ABSURD : usageOf(sent, tokens),
      },
    }
  }

  #film(call: FakeCall, model: string, body: Record<string, unknown>): FakeAnswer {
    const order = readPrediction(body, FILMERS[model])
    if (!order) return refusal(400, 'INVALID_ARGUMENT')
    const name = `models/${model}/operations/op_${this.next()}`
    const { trouble, slowMs } = call
    this.#operations.set(name, { ...order, trouble, readyAt: Date.now() + slowMs, uri: null })
    return { json: { name } }
  }

  async #operation(name: string): Promise<FakeAnswer> {
    const operation = this.#operations.get(name)
    if (!operation) return this.complaint('not_found')
    if (Date.now() < operation.readyAt) return { json: { name } }
    const done = (response: object) => ({
      json: { name, done: true, response: { generateVideoResponse: response } },
    })
    switch (operation.trouble) {
      case 'failed':
        return { json: { name, done: true, error: { code: 13, message: 'It broke.' } } }
      case 'invalid':
        return { json: { name, done: true, error: { code: 3, message: 'It does not fit.' } } }
      case 'withheld':
        return done({ raiMediaFilteredCount: 1, raiMediaFilteredReasons: ['It is not shown.'] })
      case 'empty':
        return done({ generatedSamples: [] })
    }
    operation.uri ??= this.keep(
      { bytes: await film(operation.size, operation.seconds), contentType: 'video/mp4' },
      { host: HOST, trouble: operation.trouble, authed: true }
    )
    return done({ generatedSamples: [{ video: { uri: operation.uri } }] })
  }
}

/** What no bill can be made of. */
const ABSURD = { promptTokenCount: -5, candidatesTokenCount: 'many', thoughtsTokenCount: null }

function usageOf({ text, pictures }: { text: number; pictures: number }, image: number) {
  const [words, thoughts] = image > 0 ? [20, 200] : [0, 0]
  return {
    promptTokenCount: text + pictures,
    promptTokensDetails: [
      { modality: 'TEXT', tokenCount: text },
      ...(pictures > 0 ? [{ modality: 'IMAGE', tokenCount: pictures }] : []),
    ],
    candidatesTokenCount: image + words,
    ...(image > 0 && { candidatesTokensDetails: [{ modality: 'IMAGE', tokenCount: image }] }),
    thoughtsTokenCount: thoughts,
    totalTokenCount: text + pictures + image + words + thoughts,
  }
}

function inlineOf(bytes: Buffer) {
  return { inlineData: { mimeType: 'image/png', data: bytes.toString('base64') } }
}

function troubleOf({ trouble, params }: FakeCall): FakeAnswer | null {
  switch (trouble) {
    case 'balance':
      return refusal(403, 'PERMISSION_DENIED', [{ reason: 'BILLING_DISABLED' }])
    case 'auth':
      return refusal(400, 'INVALID_ARGUMENT', [{ reason: 'API_KEY_INVALID' }])
    case 'retired':
      return refusal(404, 'NOT_FOUND')
    case 'daily':
      return refusal(429, 'RESOURCE_EXHAUSTED', [
        { violations: [{ quotaId: 'GenerateRequestsPerDayPerProjectPerModel' }] },
        { retryDelay: '40000s' },
      ])
    case 'invalid':
      return params.call.startsWith('veo') ? null : refusal(400, 'INVALID_ARGUMENT')
    default:
      return null
  }
}

/** What `generateContent` was asked for, or `null` for what Google would not take. */
function readContent(body: Record<string, unknown>) {
  const { contents, generationConfig, ...strangers } = body as {
    contents?: [{ parts: Record<string, unknown>[] }]
    generationConfig?: { responseModalities?: string[]; imageConfig?: Record<string, string> }
  }
  const { aspectRatio, imageSize = '1K', ...others } = generationConfig?.imageConfig ?? {}
  const [{ text }, ...files] = contents?.[0]?.parts ?? [{}]
  const isWhole =
    Object.keys({ ...strangers, ...others }).length === 0 &&
    typeof text === 'string' &&
    generationConfig?.responseModalities?.includes('IMAGE') &&
    (aspectRatio === undefined || RATIOS.includes(aspectRatio)) &&
    files.length <= 14 &&
    files.every((file) => isFile(file.inline_data, 'mime_type', 'data'))
  return isWhole ? { text: String(text), pictures: files.length, imageSize } : null
}

/** What `predictLongRunning` was asked for, or `null`. */
function readPrediction(body: Record<string, unknown>, tiers: string[]) {
  const { instances, parameters, webhookConfig, ...strangers } = body as {
    instances?: [Record<string, unknown>]
    parameters?: Record<string, unknown>
    webhookConfig?: { uris?: unknown }
  }
  const { prompt, image, lastFrame, referenceImages, ...others } = instances?.[0] ?? {}
  const { durationSeconds, aspectRatio, resolution, sampleCount } = parameters ?? {}
  const subjects = (referenceImages ?? []) as { image: unknown; referenceType: string }[]
  const files = [image, lastFrame, ...subjects.map((one) => one.image)].filter(Boolean)
  const isLong = durationSeconds === 8
  const isWhole =
    Object.keys({ ...strangers, ...others }).length === 0 &&
    Object.keys(parameters ?? {}).every((name) => PARAMETERS.includes(name)) &&
    (!webhookConfig || Array.isArray(webhookConfig.uris)) &&
    typeof prompt === 'string' &&
    sampleCount === 1 &&
    [4, 6, 8].includes(durationSeconds as number) &&
    ['16:9', '9:16'].includes(String(aspectRatio)) &&
    tiers.includes(String(resolution)) &&
    (resolution === '720p' || isLong) &&
    (!lastFrame || image) &&
    files.every((file) => isFile(file, 'mimeType', 'bytesBase64Encoded')) &&
    fits(subjects, { isLong, aspectRatio, image, person: parameters?.personGeneration })
  if (!isWhole) return null
  const short = SHORT_SIDES[String(resolution)]
  const [width, height] =
    aspectRatio === '16:9' ? [(short * 16) / 9, short] : [short, (short * 16) / 9]
  return { size: readSize(`${width}x${height}`), seconds: Number(durationSeconds) }
}

function fits(
  subjects: { referenceType: string }[],
  { isLong, aspectRatio, image, person }: Record<string, unknown>
): boolean {
  if (subjects.length === 0) return true
  const isAsked = isLong && aspectRatio === '16:9' && !image && person === 'allow_adult'
  return (
    Boolean(isAsked) &&
    subjects.length <= 3 &&
    subjects.every(({ referenceType }) => ['asset', 'style'].includes(referenceType))
  )
}

function isFile(file: unknown, type: string, data: string): boolean {
  const { [type]: mime, [data]: base64 } = (file ?? {}) as Record<string, string>
  return mime?.startsWith('image/') && Buffer.from(base64 ?? '', 'base64').length > 0
}

function refusal(code: number, status: string, details: object[] = []): FakeAnswer {
  return {
    status: code,
    json: { error: { code, message: `It was refused: ${status}.`, status, details } },
  }
}
