import type { CrossRule, ModelManifest, ReferenceRule } from '#core/plugins/define_plugin'

const DAY_SECONDS = 24 * 3600
/** Of pictures that go in and pictures that come out, together. */
const MOST_PICTURES = 15
const MOST_SOURCES = 10

type Properties = ModelManifest['parameters']['properties']

const picture: ReferenceRule = {
  role: 'source',
  mime: ['image/png', 'image/jpeg'],
  maxMegapixels: 36,
  maxBytes: 10_000_000,
}

const file = { type: 'string', minLength: 1, maxLength: 2048 }

const shared: Properties = {
  prompt: {
    type: 'string',
    minLength: 1,
    maxLength: 2000,
    title: 'Prompt',
    description: 'What to show.',
  },
  watermark: {
    type: 'boolean',
    default: false,
    title: 'Watermark',
    description: 'Whether a mark says that it was generated.',
  },
}

/** The more pictures go in, the fewer come out. The strictest first, since the first is told. */
const rules: CrossRule[] = Array.from({ length: MOST_SOURCES }, (_, n) => MOST_SOURCES - n).map(
  (sources) => ({
    when: { images: { min: sources } },
    then: { n: { max: MOST_PICTURES - sources } },
    say: `Pictures that go in and come out are ${MOST_PICTURES} at most.`,
  })
)

interface Seedream {
  id: string
  title: string
  sizes: string[]
  usd: string
  more?: Properties
}

function seedream({ id, title, sizes, usd, more }: Seedream): ModelManifest {
  return {
    id,
    title,
    description:
      'Draws pictures up to 4K, alone or in a row that belongs together, and edits them.',
    kind: 'image',
    lifecycle: { state: 'active' },
    capabilities: { cancel: false, maxOutputs: MOST_PICTURES },
    parameters: {
      type: 'object',
      properties: {
        ...shared,
        images: {
          type: 'array',
          items: file,
          minItems: 1,
          maxItems: MOST_SOURCES,
          title: 'Pictures',
          description: 'Pictures to work from: asset ids or https URLs. PNG or JPEG.',
        },
        size: {
          type: 'string',
          enum: sizes,
          default: '2K',
          title: 'Size',
          description: 'How large. By 1K, 2K and 4K the prompt decides the shape.',
        },
        n: {
          type: 'integer',
          minimum: 1,
          maximum: MOST_PICTURES,
          default: 1,
          title: 'Pictures wanted',
          description: 'At most. Of a row the model may make fewer, and those are paid.',
        },
        ...more,
      },
      required: ['prompt'],
      additionalProperties: false,
    },
    rules,
    references: { images: picture },
    outputsParameter: 'n',
    execution: {
      shape: 'sync',
      timeoutMs: 300_000,
      deadlineMs: 900_000,
      maxAttempts: 3,
    },
    price: {
      version: '2026-11-22',
      source: 'BytePlus price list as others quote it, read 2026-11-22; to be confirmed',
      rule: { flat: usd },
    },
    // It draws on when we hang up.
    billedOn: { cancel: 'platform' },
    output: { mime: ['image/jpeg', 'image/png'], transport: 'url', ttlSeconds: DAY_SECONDS },
    example: { prompt: 'a lighthouse in fog', size: '2K', n: 1 },
  }
}

const frame: ReferenceRule = { ...picture, role: 'start_frame', minSide: 300, maxSide: 6000 }

const SIZES: Record<string, string> = {
  '480p 16:9': '864x480',
  '480p 4:3': '736x544',
  '480p 1:1': '640x640',
  '480p 3:4': '544x736',
  '480p 9:16': '480x864',
  '480p 21:9': '960x416',
  '720p 16:9': '1248x704',
  '720p 4:3': '1120x832',
  '720p 1:1': '960x960',
  '720p 3:4': '832x1120',
  '720p 9:16': '704x1248',
  '720p 21:9': '1504x640',
  '1080p 16:9': '1920x1088',
  '1080p 4:3': '1664x1248',
  '1080p 1:1': '1440x1440',
  '1080p 3:4': '1248x1664',
  '1080p 9:16': '1088x1920',
  '1080p 21:9': '2176x928',
}

const seedance: ModelManifest = {
  id: 'seedance-1-0-pro',
  title: 'Seedance 1.0 Pro',
  description: 'Films a prompt, from a first picture and to a last one if wanted.',
  kind: 'video',
  lifecycle: { state: 'active' },
  capabilities: { cancel: true, seed: true, maxOutputs: 1 },
  parameters: {
    type: 'object',
    properties: {
      ...shared,
      start_frame: { ...file, title: 'First picture', description: 'What the film begins with.' },
      end_frame: {
        ...file,
        title: 'Last picture',
        description: 'What it ends with. It needs a first one.',
      },
      resolution: {
        type: 'string',
        enum: ['480p', '720p', '1080p'],
        default: '720p',
        title: 'Resolution',
        description: 'It decides the price, with the length.',
      },
      aspect_ratio: {
        type: 'string',
        enum: ['16:9', '4:3', '1:1', '3:4', '9:16', '21:9'],
        default: '16:9',
        title: 'Aspect ratio',
        description: 'Width to height.',
      },
      seconds: {
        type: 'integer',
        enum: [5, 10],
        default: 5,
        title: 'Length',
        description: 'In seconds.',
      },
      seed: {
        type: 'integer',
        minimum: 0,
        maximum: 2_147_483_647,
        title: 'Seed',
        description: 'The same seed and input come out alike.',
      },
      camera_fixed: {
        type: 'boolean',
        default: false,
        title: 'Fixed camera',
        description: 'Whether the camera stays where it is.',
      },
    },
    required: ['prompt'],
    additionalProperties: false,
  },
  rules: [
    {
      when: { end_frame: { given: true } },
      then: { start_frame: { given: true } },
      say: 'A film that ends with a picture begins with one.',
    },
  ],
  references: { start_frame: frame, end_frame: { ...frame, role: 'end_frame' } },
  secondsParameter: 'seconds',
  geometry: { kind: 'table', by: ['resolution', 'aspect_ratio'], sizes: SIZES },
  execution: {
    shape: 'poll',
    timeoutMs: 60_000,
    pollIntervalMs: 10_000,
    deadlineMs: 1_800_000,
    maxAttempts: 3,
  },
  price: {
    version: '2026-11-22',
    source: 'BytePlus price list as others quote it, read 2026-11-22; to be confirmed',
    rule: {
      perToken: {
        rates: { videoOut: { usd: '2.5', per: 1_000_000 } },
        // Width x height x frames / 1024. A fifteenth more: sizes and a last frame are not sure.
        upper: { videoOut: { perPixelFrame: { fps: 24, per: 960 } } },
      },
    },
  },
  // Only what still waits can be called back.
  billedOn: { cancel: 'platform' },
  output: { mime: ['video/mp4'], transport: 'url', ttlSeconds: DAY_SECONDS },
  example: { prompt: 'waves break on a pier', resolution: '480p', seconds: 5 },
}

export const models: ModelManifest[] = [
  seedream({
    id: 'seedream-4-0',
    title: 'Seedream 4.0',
    sizes: ['1K', '2K', '4K', '2048x2048'],
    usd: '0.03',
    more: {
      optimize_prompt: {
        type: 'string',
        enum: ['standard', 'fast'],
        default: 'standard',
        title: 'Prompt optimisation',
        description: 'How much thought goes into the prompt before drawing.',
      },
    },
  }),
  seedream({
    id: 'seedream-4-5',
    title: 'Seedream 4.5',
    sizes: ['2K', '4K', '2048x2048'],
    usd: '0.04',
  }),
  seedance,
]
