import type { CrossRule, ModelManifest, ReferenceRule } from '#core/plugins/define_plugin'
import type { Geometry } from '#core/plugins/geometry'
import type { PriceRule } from '#core/prices/price_rule'

const MEGABYTE = 1_000_000
/** The vendor works for up to two minutes, and bills what we no longer wait for. */
const TIMEOUT_MS = 180_000

type Properties = ModelManifest['parameters']['properties']

const images: ReferenceRule = {
  role: 'source',
  mime: ['image/png', 'image/jpeg', 'image/webp'],
  maxMegapixels: 40,
  maxBytes: 50 * MEGABYTE,
}

const mask: ReferenceRule = {
  role: 'mask',
  mime: ['image/png'],
  maxMegapixels: 40,
  maxBytes: 4 * MEGABYTE,
  sameSizeAs: 'images',
  changes: 'transparent',
}

const shared: Properties = {
  prompt: {
    type: 'string',
    minLength: 1,
    maxLength: 32_000,
    title: 'Prompt',
    description: 'What to draw, or what to change in the pictures.',
  },
  images: {
    type: 'array',
    items: { type: 'string', minLength: 1, maxLength: 2048 },
    minItems: 1,
    maxItems: 16,
    title: 'Pictures',
    description: 'Pictures to work from: asset ids or https URLs. PNG, JPEG or WebP.',
  },
  mask: {
    type: 'string',
    minLength: 1,
    maxLength: 2048,
    title: 'Mask',
    description:
      'A PNG as large as the first picture. What is transparent in it is changed, the rest stays.',
  },
  quality: {
    type: 'string',
    enum: ['low', 'medium', 'high'],
    default: 'medium',
    title: 'Quality',
    description: 'How much work goes into each picture. It decides the price.',
  },
  n: {
    type: 'integer',
    minimum: 1,
    maximum: 10,
    default: 1,
    title: 'Pictures wanted',
    description: 'How many pictures to make.',
  },
  output_format: {
    type: 'string',
    enum: ['png', 'jpeg', 'webp'],
    default: 'png',
    title: 'File format',
    description: 'The format of the files.',
  },
  output_compression: {
    type: 'integer',
    minimum: 0,
    maximum: 100,
    title: 'Compression',
    description: 'Of JPEG and WebP: 100 is the best quality and the largest file.',
  },
  moderation: {
    type: 'string',
    enum: ['auto', 'low'],
    default: 'auto',
    title: 'Moderation',
    description: 'How strictly OpenAI looks at the prompt. Only where there are no pictures.',
  },
  input_fidelity: {
    type: 'string',
    enum: ['low', 'high'],
    title: 'Fidelity',
    description: 'How closely faces and details of the pictures are kept.',
  },
}

const rules: CrossRule[] = [
  {
    when: { mask: { given: true } },
    then: { images: { given: true } },
    say: 'A mask is laid on the first picture.',
  },
  {
    when: { input_fidelity: { given: true } },
    then: { images: { given: true } },
    say: 'Fidelity is to pictures.',
  },
  {
    when: { images: { given: true } },
    then: { moderation: ['auto'] },
    say: 'OpenAI looks at edits as usual.',
  },
  {
    when: { output_format: ['png'] },
    then: { output_compression: { given: false } },
    say: 'PNG loses nothing.',
  },
]

/**
 * What a call takes at most. Pictures out are tokens by their area: 272, 1056 and 4160 for
 * 1024x1024, as OpenAI wrote of the first family, and a quarter more until the newer ones are
 * confirmed. Pictures in are 323 tokens, and up to 6240 more with high fidelity.
 */
function tokens(rates: { textIn: string; imageIn: string; imageOut: string }): PriceRule {
  const million = (usd: string) => ({ usd, per: 1_000_000 })
  return {
    perToken: {
      rates: {
        textIn: million(rates.textIn),
        imageIn: million(rates.imageIn),
        imageOut: million(rates.imageOut),
      },
      upper: {
        textIn: { perCall: 50, perByteOf: 'prompt' },
        imageIn: { perReference: 6_600 },
        imageOut: {
          perMegapixel: {
            table: {
              keys: ['quality'],
              rows: [
                [['low'], 325],
                [['medium'], 1_260],
                [['high'], 4_960],
              ],
            },
          },
        },
      },
    },
  }
}

interface Family {
  id: string
  title: string
  lifecycle: ModelManifest['lifecycle']
  description: string
  parameters: Properties
  rules: CrossRule[]
  geometry: Geometry
  transparency: boolean
  price: ModelManifest['price']
}

function model({ parameters, transparency, rules: more, ...family }: Family): ModelManifest {
  return {
    ...family,
    kind: 'image',
    capabilities: { cancel: false, transparency, maxOutputs: 10 },
    parameters: {
      type: 'object',
      properties: { ...shared, ...parameters },
      required: ['prompt'],
      additionalProperties: false,
    },
    rules: [...rules, ...more],
    references: { images, mask },
    outputsParameter: 'n',
    execution: {
      shape: 'sync',
      timeoutMs: TIMEOUT_MS,
      deadlineMs: 600_000,
      maxAttempts: 3,
    },
    output: { mime: ['image/png', 'image/jpeg', 'image/webp'], transport: 'base64' },
    example: { prompt: 'a lighthouse in fog, gouache', size: '1024x1024', quality: 'medium', n: 1 },
  }
}

/** Any size in multiples of 16, up to 3840x2160 either way round. */
function second(id: string, title: string): ModelManifest {
  return model({
    id,
    title,
    lifecycle: { state: 'active' },
    description: 'Draws and edits pictures of any size up to 4K, with legible text.',
    transparency: false,
    rules: [],
    geometry: {
      kind: 'size',
      param: 'size',
      bounds: { multipleOf: 16, maxSide: 3840, maxPixels: 3840 * 2160, maxRatio: 3 },
    },
    parameters: {
      size: {
        type: 'string',
        pattern: '^[1-9]\\d{1,3}x[1-9]\\d{1,3}$',
        default: '1024x1024',
        examples: ['1024x1024', '1536x1024', '1024x1536', '2560x1440', '3840x2160'],
        title: 'Size',
        description:
          'Width and height in multiples of 16, at most 3840x2160 and 3:1. Above 2560x1440 is experimental at OpenAI.',
      },
      background: {
        type: 'string',
        enum: ['auto', 'opaque'],
        default: 'auto',
        title: 'Background',
        description: 'Whether the picture may choose its ground. Transparent ones are not made.',
      },
    },
    price: {
      version: '2026-11-22',
      source: 'OpenAI price list, read 2026-11-22',
      rule: tokens({ textIn: '5', imageIn: '8', imageOut: '30' }),
    },
  })
}

/** The family before: three sizes, and transparent grounds. */
function first(
  { id, title, lifecycle }: Pick<Family, 'id' | 'title' | 'lifecycle'>,
  rates: Parameters<typeof tokens>[0]
): ModelManifest {
  return model({
    id,
    title,
    lifecycle,
    description: 'Draws and edits pictures in three sizes, with transparent grounds.',
    transparency: true,
    rules: [
      {
        when: { background: ['transparent'] },
        then: { output_format: ['png', 'webp'] },
        say: 'JPEG has no transparency.',
      },
    ],
    geometry: { kind: 'size', param: 'size' },
    parameters: {
      size: {
        type: 'string',
        enum: ['1024x1024', '1536x1024', '1024x1536'],
        default: '1024x1024',
        title: 'Size',
        description: 'Width and height in pixels.',
      },
      background: {
        type: 'string',
        enum: ['auto', 'opaque', 'transparent'],
        default: 'auto',
        title: 'Background',
        description: 'Transparent needs PNG or WebP.',
      },
    },
    price: {
      version: '2026-11-22',
      source: 'OpenAI price list as others quote it, read 2026-11-22; to be confirmed',
      rule: tokens(rates),
    },
  })
}

const REPLACEMENT = 'openai/gpt-image-2.6-flare'

export const models: ModelManifest[] = [
  second('gpt-image-2.6-flare', 'GPT Image 2.6 Flare'),
  second('gpt-image-2.6-sunburst', 'GPT Image 2.6 Sunburst'),
  second('gpt-image-2.5-flare', 'GPT Image 2.5 Flare'),
  second('gpt-image-2.5-sunburst', 'GPT Image 2.5 Sunburst'),
  second('gpt-image-2', 'GPT Image 2'),
  first(
    {
      id: 'gpt-image-1.5',
      title: 'GPT Image 1.5',
      lifecycle: { state: 'deprecated', shutdownAt: '2026-12-01', replacement: REPLACEMENT },
    },
    { textIn: '5', imageIn: '8', imageOut: '32' }
  ),
  first(
    {
      id: 'gpt-image-1',
      title: 'GPT Image 1',
      lifecycle: { state: 'retired', shutdownAt: '2026-10-23', replacement: REPLACEMENT },
    },
    { textIn: '5', imageIn: '10', imageOut: '40' }
  ),
]
