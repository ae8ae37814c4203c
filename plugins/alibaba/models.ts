import type { ModelManifest } from '#core/plugins/define_plugin'
import type { KeyValue, PlainRate } from '#core/prices/price_rule'

const DAY_SECONDS = 24 * 3600
const SOURCE = 'Alibaba Cloud Model Studio, as remembered on 2026-11-22; to be confirmed'

type Properties = ModelManifest['parameters']['properties']

const shared: Properties = {
  prompt: {
    type: 'string',
    minLength: 1,
    maxLength: 800,
    title: 'Prompt',
    description: 'What to show, in at most 800 characters.',
  },
  negative_prompt: {
    type: 'string',
    minLength: 1,
    maxLength: 500,
    title: 'Without',
    description: 'What must not be seen, in at most 500 characters.',
  },
  prompt_extend: {
    type: 'boolean',
    default: true,
    title: 'Extend the prompt',
    description: 'Whether Alibaba may write the prompt out before it begins.',
  },
  watermark: {
    type: 'boolean',
    default: false,
    title: 'Watermark',
    description: 'Whether a mark says that it was generated.',
  },
  seed: {
    type: 'integer',
    minimum: 0,
    maximum: 2_147_483_647,
    title: 'Seed',
    description: 'The same seed and input come out alike.',
  },
}

const sizes = (all: string[]): Properties => ({
  size: {
    type: 'string',
    enum: all,
    default: all[0],
    title: 'Size',
    description: 'Width and height in pixels.',
  },
})

/** The vendor calls it legacy beside its newer ones, and has announced no end of it. */
const picture: ModelManifest = {
  id: 'qwen-image',
  title: 'Qwen-Image',
  description: 'Draws pictures with long legible text, Chinese and English.',
  kind: 'image',
  lifecycle: { state: 'active' },
  capabilities: { cancel: false, seed: true, negativePrompt: true, maxOutputs: 1 },
  parameters: {
    type: 'object',
    properties: {
      ...shared,
      ...sizes(['1328x1328', '1664x928', '928x1664', '1472x1104', '1104x1472']),
    },
    required: ['prompt'],
    additionalProperties: false,
  },
  references: {},
  geometry: { kind: 'size', param: 'size' },
  execution: {
    shape: 'sync',
    timeoutMs: 180_000,
    deadlineMs: 600_000,
    maxAttempts: 3,
  },
  price: { version: '2026-11-22', source: SOURCE, rule: { flat: '0.035' } },
  // It draws on when we hang up.
  billedOn: { cancel: 'platform' },
  output: { mime: ['image/png'], transport: 'url', ttlSeconds: DAY_SECONDS },
  example: { prompt: 'a shop sign that says "Fog"', size: '1328x1328' },
}

interface Film {
  id: string
  title: string
  description: string
  /** By the size, for each second. */
  rates: [string[], string][]
  seconds: number[]
  audio: boolean
}

function film({ id, title, description, rates, seconds, audio }: Film): ModelManifest {
  const rows = rates.flatMap(([all, usd]) =>
    all.map((size): [KeyValue[], PlainRate] => [[size], usd])
  )
  return {
    id,
    title,
    description,
    kind: 'video',
    lifecycle: { state: 'active' },
    capabilities: { cancel: false, seed: true, negativePrompt: true, audio, maxOutputs: 1 },
    parameters: {
      type: 'object',
      properties: {
        ...shared,
        ...sizes(rates.flatMap(([all]) => all)),
        seconds: {
          type: 'integer',
          enum: seconds,
          default: seconds[0],
          title: 'Length',
          description: 'In seconds.',
        },
        ...(audio && {
          audio: {
            type: 'boolean',
            default: true,
            title: 'Sound',
            description: 'Whether the film has sound.',
          },
        }),
      },
      required: ['prompt'],
      additionalProperties: false,
    },
    references: {},
    secondsParameter: 'seconds',
    geometry: { kind: 'size', param: 'size' },
    execution: {
      shape: 'poll',
      timeoutMs: 30_000,
      pollIntervalMs: 10_000,
      deadlineMs: 1_800_000,
      maxAttempts: 3,
    },
    price: {
      version: '2026-11-22',
      source: SOURCE,
      rule: { perSecond: { table: { keys: ['size'], rows } } },
    },
    // A task cannot be called back.
    billedOn: { cancel: 'platform' },
    output: { mime: ['video/mp4'], transport: 'url', ttlSeconds: DAY_SECONDS },
    example: { prompt: 'waves break on a pier', size: '832x480', seconds: 5 },
  }
}

export const models: ModelManifest[] = [
  picture,
  film({
    id: 'wan2.2-t2v-plus',
    title: 'Wan 2.2 Plus',
    description: 'Films a prompt for five seconds, silently.',
    rates: [
      [['832x480', '480x832'], '0.02'],
      [['1920x1080', '1080x1920'], '0.10'],
    ],
    seconds: [5],
    audio: false,
  }),
  film({
    id: 'wan2.5-t2v-preview',
    title: 'Wan 2.5',
    description: 'Films a prompt for five or ten seconds, with sound.',
    rates: [
      [['832x480', '480x832'], '0.05'],
      [['1280x720', '720x1280'], '0.10'],
      [['1920x1080', '1080x1920'], '0.15'],
    ],
    seconds: [5, 10],
    audio: true,
  }),
]
