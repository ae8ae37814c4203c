import type { ModelManifest, ReferenceRule } from '#core/plugins/define_plugin'
import type { PlainRate, PriceRule, Table } from '#core/prices/price_rule'

const MEGABYTE = 1_000_000
const TIMEOUT_MS = 180_000

const images: ReferenceRule = {
  role: 'source',
  mime: ['image/png', 'image/jpeg', 'image/webp'],
  maxMegapixels: 40,
  maxBytes: 10 * MEGABYTE,
}

const properties: ModelManifest['parameters']['properties'] = {
  prompt: {
    type: 'string',
    minLength: 1,
    maxLength: 8_000,
    title: 'Prompt',
    description: 'What to draw, or what to change in the pictures.',
  },
  images: {
    type: 'array',
    items: { type: 'string', minLength: 1, maxLength: 2048 },
    minItems: 1,
    maxItems: 3,
    title: 'Pictures',
    description: 'Pictures to edit: asset ids or https URLs. PNG, JPEG or WebP.',
  },
  n: {
    type: 'integer',
    minimum: 1,
    maximum: 10,
    default: 1,
    title: 'Pictures wanted',
    description: 'How many pictures to make.',
  },
  aspect_ratio: {
    type: 'string',
    enum: ['1:1', '3:4', '4:3', '9:16', '16:9', '2:3', '3:2'],
    title: 'Aspect ratio',
    description: 'Width to height. Left out, the model chooses.',
  },
  resolution: {
    type: 'string',
    enum: ['1k', '2k'],
    default: '1k',
    title: 'Resolution',
    description: 'About how long the sides are. It may decide the price.',
  },
}

interface Rates {
  /** US dollars a picture, by its resolution. */
  '1k': string
  '2k': string
  /** And a picture that goes in. */
  'in': string
}

/**
 * What xAI says that the call cost, in its own unit: a dollar is ten thousand million ticks. Else, and
 * for the hold, by the picture.
 */
function ticks(rates: Rates): PriceRule {
  const rows: Table<PlainRate>['rows'] = [
    [['1k'], rates['1k']],
    [['2k'], rates['2k']],
  ]
  return {
    reported: {
      unit: 'usd_ticks',
      rates: [
        {
          version: '2026-11',
          from: '2026-01-01T00:00:00Z',
          rate: { usd: '1', per: 10_000_000_000 },
        },
      ],
      otherwise: {
        sum: [
          { table: { keys: ['resolution'], rows } },
          { perUnit: { unit: 'references', rate: rates.in } },
        ],
      },
    },
  }
}

type Own = Pick<ModelManifest, 'id' | 'title' | 'description' | 'lifecycle'>

function grok(own: Own, rates: Rates, source: string): ModelManifest {
  return {
    ...own,
    kind: 'image',
    capabilities: { cancel: false, maxOutputs: 10 },
    parameters: { type: 'object', properties, required: ['prompt'], additionalProperties: false },
    references: { images },
    outputsParameter: 'n',
    execution: {
      shape: 'sync',
      timeoutMs: TIMEOUT_MS,
      deadlineMs: 600_000,
      maxAttempts: 3,
    },
    price: { version: '2026-11-22', source, rule: ticks(rates) },
    // A picture that is withheld was made, and is billed unless the answer says otherwise.
    billedOn: { block: 'platform' },
    output: { mime: ['image/jpeg', 'image/png', 'image/webp'], transport: 'base64' },
    example: { prompt: 'a lighthouse in fog, gouache', n: 1 },
  }
}

const QUOTED =
  'ticks: xAI documentation; a picture: as others quote it; 2k and pictures that go in: from memory; read 2026-11-22, to be confirmed'

export const models: ModelManifest[] = [
  grok(
    {
      id: 'grok-imagine-image',
      title: 'Grok Imagine',
      description: 'Draws and edits pictures in seconds.',
      lifecycle: { state: 'active' },
    },
    { '1k': '0.02', '2k': '0.02', 'in': '0.002' },
    QUOTED
  ),
  grok(
    {
      id: 'grok-imagine-image-quality',
      title: 'Grok Imagine Quality',
      description: 'Draws and edits pictures with more detail.',
      lifecycle: { state: 'active' },
    },
    { '1k': '0.05', '2k': '0.07', 'in': '0.01' },
    QUOTED
  ),
  ...['grok-2-image', 'grok-2-image-1212', 'grok-2-image-latest'].map((id) =>
    grok(
      {
        id,
        title: `Grok 2 Image (${id})`,
        description: 'Drew pictures. xAI offers it no more.',
        lifecycle: { state: 'retired', replacement: 'xai/grok-imagine-image' },
      },
      { '1k': '0.07', '2k': '0.07', 'in': '0.01' },
      'xAI price list from memory; no longer sold'
    )
  ),
]
