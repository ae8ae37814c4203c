import type { ModelManifest, ReferenceRule } from '#core/plugins/define_plugin'
import type { PriceRule } from '#core/prices/price_rule'

const MEGABYTE = 1_000_000
const TIMEOUT_MS = 180_000

type Properties = ModelManifest['parameters']['properties']

const picture: ReferenceRule = {
  role: 'source',
  mime: ['image/png', 'image/jpeg', 'image/webp'],
  maxMegapixels: 32,
  maxBytes: 10 * MEGABYTE,
}

const file = { type: 'string', minLength: 1, maxLength: 2048 } as const

const words = (title: string, description: string): Properties[string] => ({
  type: 'string',
  minLength: 1,
  maxLength: 2_560,
  title,
  description,
})

const aspectRatio: Properties = {
  aspect_ratio: {
    type: 'string',
    enum: ['16:9', '9:16', '3:2', '2:3', '4:3', '3:4', '1:1'],
    title: 'Aspect ratio',
    description: 'Width to height. Left out, Reve chooses: 3:2, or that of the picture.',
  },
}

function version(versions: string[]): Properties {
  return {
    version: {
      type: 'string',
      enum: versions,
      default: 'latest',
      title: 'Version',
      description: 'Of the model at Reve.',
    },
  }
}

/**
 * What Reve says that the call took, in credits of which 18 are about 2.4 cents. Else, and for the
 * hold, by the picture.
 */
function credits(usd: string): PriceRule {
  return {
    reported: {
      unit: 'credits',
      rates: [
        { version: '2025-09', from: '2025-09-15T00:00:00Z', rate: { usd: '0.024', per: 18 } },
      ],
      otherwise: { flat: usd },
    },
  }
}

interface Own {
  id: string
  title: string
  description: string
  kind: 'image' | 'edit'
  properties: Properties
  required: string[]
  references: ModelManifest['references']
  price: ModelManifest['price']
  example: ModelManifest['example']
}

function model({ properties, required, ...own }: Own): ModelManifest {
  return {
    ...own,
    lifecycle: { state: 'active' },
    capabilities: { cancel: false, maxOutputs: 1 },
    parameters: { type: 'object', properties, required, additionalProperties: false },
    execution: {
      shape: 'sync',
      timeoutMs: TIMEOUT_MS,
      deadlineMs: 600_000,
      maxAttempts: 3,
    },
    output: { mime: ['image/png', 'image/jpeg', 'image/webp'], transport: 'base64' },
  }
}

const price = (source: string, usd: string): ModelManifest['price'] => ({
  version: '2026-11-22',
  source,
  rule: credits(usd),
})

const EDITED = 'Reve price list from memory: about 30 credits, $0.04; to be confirmed'

export const models: ModelManifest[] = [
  model({
    id: 'create',
    title: 'Reve Create',
    description: 'Draws a picture from words, with legible text.',
    kind: 'image',
    properties: {
      prompt: words('Prompt', 'What to draw.'),
      ...aspectRatio,
      ...version(['latest', 'reve-create@20250915']),
    },
    required: ['prompt'],
    references: {},
    price: price(
      'Reve documentation as others quote it: 18 credits; $0.024: from memory; read 2026-11-22, to be confirmed',
      '0.024'
    ),
    example: { prompt: 'a lighthouse in fog, gouache' },
  }),
  model({
    id: 'edit',
    title: 'Reve Edit',
    description: 'Changes a picture as it is told to.',
    kind: 'edit',
    properties: {
      edit_instruction: words('Change', 'What to change in the picture.'),
      reference_image: {
        ...file,
        title: 'Picture',
        description: 'The picture to change: an asset id or an https URL. PNG, JPEG or WebP.',
      },
      ...aspectRatio,
      ...version(['latest', 'latest-fast', 'reve-edit@20250915', 'reve-edit-fast@20251030']),
    },
    required: ['edit_instruction', 'reference_image'],
    references: { reference_image: picture },
    price: price(EDITED, '0.04'),
    example: { edit_instruction: 'paint the hull red' },
  }),
  model({
    id: 'remix',
    title: 'Reve Remix',
    description: 'Draws a picture from words and up to six others.',
    kind: 'image',
    properties: {
      prompt: words('Prompt', 'What to draw with the pictures.'),
      reference_images: {
        type: 'array',
        items: file,
        minItems: 1,
        maxItems: 6,
        title: 'Pictures',
        description: 'Pictures to draw from: asset ids or https URLs. PNG, JPEG or WebP.',
      },
      ...aspectRatio,
      ...version(['latest', 'latest-fast']),
    },
    required: ['prompt', 'reference_images'],
    references: { reference_images: picture },
    price: price(EDITED, '0.04'),
    example: { prompt: 'both of them in one boat' },
  }),
]
