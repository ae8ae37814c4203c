import type { ModelManifest, ReferenceRule } from '#core/plugins/define_plugin'
import type { PriceRule } from '#core/prices/price_rule'

const TIMEOUT_MS = 180_000
const DAY_SECONDS = 24 * 3600

type Properties = ModelManifest['parameters']['properties']

const picture: ReferenceRule = {
  role: 'source',
  mime: ['image/png', 'image/jpeg', 'image/webp'],
  maxMegapixels: 16,
  maxBytes: 10_000_000,
  maxSide: 4096,
}

const prompt: Properties = {
  prompt: {
    type: 'string',
    minLength: 1,
    maxLength: 1000,
    title: 'Prompt',
    description: 'What to draw, in at most 1000 characters.',
  },
}

const image: Properties = {
  image: {
    type: 'string',
    minLength: 1,
    maxLength: 2048,
    title: 'Picture',
    description: 'The picture to work on: an asset id or an https URL.',
  },
}

const count: Properties = {
  n: {
    type: 'integer',
    minimum: 1,
    maximum: 6,
    default: 1,
    title: 'Pictures wanted',
    description: 'How many pictures to make.',
  },
}

const size: Properties = {
  size: {
    type: 'string',
    enum: [
      ...['1024x1024', '2048x1024', '1024x2048', '1536x1024', '1024x1536'],
      ...['1365x1024', '1024x1365', '1280x1024', '1024x1280'],
    ],
    default: '1024x1024',
    title: 'Size',
    description: 'Width and height in pixels.',
  },
}

const colour = { type: 'string', pattern: '^#[0-9a-f]{6}$' }

const drawn: Properties = {
  ...prompt,
  ...count,
  ...size,
  negative_prompt: {
    type: 'string',
    minLength: 1,
    maxLength: 1000,
    title: 'Without',
    description: 'What must not be in the picture.',
  },
  artistic_level: {
    type: 'integer',
    minimum: 0,
    maximum: 5,
    title: 'Artistic level',
    description: '0 is plain, 5 is eccentric.',
  },
  no_text: {
    type: 'boolean',
    title: 'No text',
    description: 'Keeps letters out of the picture.',
  },
  colors: {
    type: 'array',
    items: colour,
    minItems: 1,
    maxItems: 10,
    examples: [['#2f4858', '#f6ae2d']],
    title: 'Colours',
    description: 'Which to prefer, as #rrggbb in small letters.',
  },
  background_color: {
    ...colour,
    examples: ['#ffffff'],
    title: 'Ground',
    description: 'The colour to prefer for the ground, as #rrggbb in small letters.',
  },
}

/** 1000 units are a dollar. What each call took stands in its answer. */
function units(each: string): PriceRule {
  return {
    reported: {
      unit: 'units',
      rates: [
        { version: '2026-11-22', from: '2024-01-01T00:00:00Z', rate: { usd: '1', per: 1000 } },
      ],
      otherwise: { flat: each },
    },
  }
}

type Different = Pick<ModelManifest, 'id' | 'title' | 'description' | 'kind' | 'example'> & {
  properties: Properties
  required: string[]
  usd: string
  mime: string[]
  capabilities?: Partial<ModelManifest['capabilities']>
  geometry?: ModelManifest['geometry']
  /** Where the list leaves something open. */
  doubt?: string
}

function model({
  properties,
  required,
  usd,
  mime,
  capabilities,
  doubt = '',
  ...different
}: Different) {
  const isMany = 'n' in properties
  return {
    ...different,
    lifecycle: { state: 'active' },
    capabilities: { cancel: false, maxOutputs: isMany ? 6 : 1, ...capabilities },
    parameters: { type: 'object', properties, required, additionalProperties: false },
    references: 'image' in properties ? { image: picture } : {},
    ...(isMany && { outputsParameter: 'n' }),
    execution: {
      shape: 'sync',
      timeoutMs: TIMEOUT_MS,
      deadlineMs: 600_000,
      maxAttempts: 3,
    },
    price: {
      version: '2026-11-22',
      source: `Recraft price list, read 2026-11-22${doubt}`,
      rule: units(usd),
    },
    // It draws on when we hang up.
    billedOn: { cancel: 'platform' },
    output: { mime, transport: 'url', ttlSeconds: DAY_SECONDS },
  } satisfies ModelManifest as ModelManifest
}

const RASTER = ['image/webp', 'image/png']

/** Works on one picture, and has nothing to choose. */
function tool(different: Omit<Different, 'properties' | 'required' | 'example'>) {
  return model({ ...different, properties: image, required: ['image'], example: {} })
}

export const models: ModelManifest[] = [
  model({
    id: 'recraft-v3',
    title: 'Recraft V3',
    description: 'Draws photographs and illustrations with legible text, in given colours.',
    kind: 'image',
    properties: {
      ...drawn,
      style: {
        type: 'string',
        enum: ['realistic_image', 'digital_illustration'],
        default: 'realistic_image',
        title: 'Style',
        description: 'A photograph or an illustration.',
      },
    },
    required: ['prompt'],
    usd: '0.04',
    mime: RASTER,
    capabilities: { negativePrompt: true },
    geometry: { kind: 'size', param: 'size' },
    example: { prompt: 'a lighthouse in fog', style: 'digital_illustration', n: 1 },
  }),
  model({
    id: 'recraft-v3-vector',
    title: 'Recraft V3 Vector',
    description: 'Draws illustrations as SVG.',
    kind: 'vector',
    properties: drawn,
    required: ['prompt'],
    usd: '0.08',
    mime: ['image/svg+xml'],
    capabilities: { negativePrompt: true },
    example: { prompt: 'the emblem of a lighthouse', n: 1 },
  }),
  model({
    id: 'recraft-variate',
    title: 'Recraft Variate',
    doubt: '; whether a request or each picture costs it is to be confirmed',
    description: 'Draws a picture again with other details, in another format if wanted.',
    kind: 'edit',
    properties: {
      ...image,
      ...count,
      ...size,
      seed: {
        type: 'integer',
        minimum: 0,
        maximum: 2_147_483_647,
        title: 'Seed',
        description: 'The same seed and picture vary alike.',
      },
      image_format: {
        type: 'string',
        enum: ['webp', 'png'],
        default: 'webp',
        title: 'File format',
        description: 'The format of the files.',
      },
    },
    required: ['image'],
    usd: '0.04',
    mime: RASTER,
    capabilities: { seed: true },
    geometry: { kind: 'size', param: 'size' },
    example: { size: '1024x1024', n: 1 },
  }),
  tool({
    id: 'recraft-vectorize',
    title: 'Recraft Vectorize',
    description: 'Traces a picture as SVG.',
    kind: 'vector',
    usd: '0.01',
    mime: ['image/svg+xml'],
  }),
  tool({
    id: 'recraft-remove-background',
    title: 'Recraft Remove Background',
    description: 'Cuts out what a picture shows.',
    kind: 'edit',
    usd: '0.01',
    mime: RASTER,
    capabilities: { transparency: true },
  }),
  tool({
    id: 'recraft-crisp-upscale',
    title: 'Recraft Crisp Upscale',
    description: 'Enlarges a picture and sharpens it.',
    kind: 'upscale',
    usd: '0.004',
    mime: RASTER,
  }),
  tool({
    id: 'recraft-creative-upscale',
    title: 'Recraft Creative Upscale',
    description: 'Enlarges a picture and draws fine details and faces anew.',
    kind: 'upscale',
    usd: '0.25',
    mime: RASTER,
  }),
]
