import type { CrossRule, ModelManifest, ReferenceRule } from '#core/plugins/define_plugin'
import type { Geometry } from '#core/plugins/geometry'
import type { PriceRule } from '#core/prices/price_rule'

const MEGABYTE = 1_000_000
const VERSION = '2026-11-22'
const SOURCE = 'Black Forest Labs price list, read 2026-11-22'
const CREDIT_USD = '0.01'

type Properties = ModelManifest['parameters']['properties']

const picture: ReferenceRule = {
  role: 'source',
  mime: ['image/png', 'image/jpeg', 'image/webp'],
  maxMegapixels: 20,
  maxBytes: 20 * MEGABYTE,
}

const shared: Properties = {
  prompt: {
    type: 'string',
    minLength: 1,
    maxLength: 10_000,
    title: 'Prompt',
    description: 'What to draw, or what to change in the pictures.',
  },
  seed: {
    type: 'integer',
    minimum: 0,
    maximum: 4_294_967_295,
    title: 'Seed',
    description: 'The same seed and the same input draw about the same picture.',
  },
  safety_tolerance: {
    type: 'integer',
    minimum: 0,
    maximum: 5,
    default: 2,
    title: 'Tolerance',
    description: 'From 0, the strictest, to 5.',
  },
  output_format: {
    type: 'string',
    enum: ['jpeg', 'png'],
    default: 'jpeg',
    title: 'File format',
    description: 'The format of the file.',
  },
}

const upsampling: Properties = {
  prompt_upsampling: {
    type: 'boolean',
    default: false,
    title: 'Richer prompt',
    description: 'Whether the vendor may write more into the prompt.',
  },
}

function sides({ multipleOf, min, max }: { multipleOf: number; min: number; max: number }) {
  const side = { type: 'integer', minimum: min, maximum: max, multipleOf, default: 1024 }
  const description = `In pixels, a multiple of ${multipleOf}.`
  return {
    width: { ...side, title: 'Width', description },
    height: { ...side, title: 'Height', description },
  }
}

const ratio: Properties = {
  aspect_ratio: {
    type: 'string',
    enum: ['1:1', '4:3', '3:4', '3:2', '2:3', '16:9', '9:16', '21:9', '9:21'],
    default: '16:9',
    title: 'Ratio',
    description: 'Width to height. The vendor chooses the size.',
  },
}

const oneImage: Properties = {
  image: {
    type: 'string',
    minLength: 1,
    maxLength: 2048,
    title: 'Picture',
    description: 'A picture to work from: an asset id or an https URL.',
  },
}

function images(most: number): Properties {
  return {
    images: {
      type: 'array',
      items: { type: 'string', minLength: 1, maxLength: 2048 },
      minItems: 1,
      maxItems: most,
      title: 'Pictures',
      description: `Up to ${most} pictures to work from: asset ids or https URLs.`,
    },
  }
}

/** What the answer to the submit says that it costs, in credits; else what is known before. */
function credits(otherwise: PriceRule): ModelManifest['price'] {
  return {
    version: VERSION,
    source: SOURCE,
    rule: {
      reported: {
        unit: 'credits',
        rates: [{ version: VERSION, from: '2025-01-01T00:00:00Z', rate: CREDIT_USD }],
        otherwise,
      },
    },
  }
}

interface Family {
  id: string
  title: string
  description: string
  parameters: Properties
  required?: string[]
  rules?: CrossRule[]
  references: ModelManifest['references']
  geometry?: Geometry
  price: ModelManifest['price']
  example: Record<string, unknown>
}

function model({ parameters, required = [], ...family }: Family): ModelManifest {
  return {
    ...family,
    kind: 'image',
    lifecycle: { state: 'active' },
    capabilities: { cancel: false, seed: true, maxOutputs: 1 },
    parameters: {
      type: 'object',
      properties: { ...shared, ...parameters },
      required: ['prompt', ...required],
      additionalProperties: false,
    },
    execution: {
      shape: 'poll',
      timeoutMs: 60_000,
      pollIntervalMs: 1_000,
      deadlineMs: 600_000,
      maxAttempts: 3,
      callback: 'signed',
    },
    output: { mime: ['image/jpeg', 'image/png'], transport: 'url', ttlSeconds: 600 },
  }
}

/**
 * The first megapixel that comes out has a price, and each further one, in or out, another. How the
 * vendor rounds them is not written, so that a hold counts each that is begun.
 */
function second(
  id: string,
  title: string,
  { first, further, pictures, more = {} }: Second
): ModelManifest {
  return model({
    id,
    title,
    description: `Draws and edits pictures of up to 4 megapixels, from up to ${pictures} others.`,
    parameters: { ...sides({ multipleOf: 16, min: 64, max: 4096 }), ...images(pictures), ...more },
    references: { images: picture },
    geometry: {
      kind: 'free',
      width: 'width',
      height: 'height',
      bounds: { multipleOf: 16, minSide: 64, maxPixels: 4_000_000 },
    },
    price: credits({
      perMegapixel: { out: first, extraOut: further, in: further, wholeMegapixels: true },
    }),
    example: { prompt: 'a lighthouse in fog, gouache', width: 1024, height: 768 },
  })
}

interface Second {
  /** In US dollars, of the first megapixel. */
  first: string
  further: string
  pictures: number
  more?: Properties
}

const flexible: Properties = {
  steps: {
    type: 'integer',
    minimum: 1,
    maximum: 50,
    default: 50,
    title: 'Steps',
    description: 'Fewer are faster, more are finer.',
  },
  guidance: {
    type: 'number',
    minimum: 1.5,
    maximum: 10,
    default: 4.5,
    title: 'Guidance',
    description: 'How closely the prompt is kept.',
  },
  ...upsampling,
}

function kontext(id: string, title: string, usd: string): ModelManifest {
  return model({
    id,
    title,
    description: 'Changes a picture as it is told, or draws one.',
    parameters: { ...ratio, ...oneImage, ...upsampling },
    references: { image: picture },
    price: credits({ flat: usd }),
    example: { prompt: 'make it night', aspect_ratio: '1:1' },
  })
}

export const models: ModelManifest[] = [
  second('flux-2-pro', 'FLUX.2 pro', { first: '0.03', further: '0.015', pictures: 8 }),
  second('flux-2-max', 'FLUX.2 max', { first: '0.07', further: '0.03', pictures: 8 }),
  second('flux-2-flex', 'FLUX.2 flex', {
    ...{ first: '0.05', further: '0.05', pictures: 8 },
    more: flexible,
  }),
  second('flux-2-klein-9b', 'FLUX.2 klein 9B', {
    ...{ first: '0.015', further: '0.002', pictures: 4 },
  }),
  second('flux-2-klein-4b', 'FLUX.2 klein 4B', {
    ...{ first: '0.014', further: '0.001', pictures: 4 },
  }),
  kontext('flux-kontext-pro', 'FLUX.1 Kontext pro', '0.04'),
  kontext('flux-kontext-max', 'FLUX.1 Kontext max', '0.08'),
  model({
    id: 'flux-pro-1.1-ultra',
    title: 'FLUX1.1 pro ultra',
    description:
      'Draws pictures of about 4 megapixels in a ratio, after another picture if need be.',
    parameters: {
      ...ratio,
      ...oneImage,
      image_strength: {
        type: 'number',
        minimum: 0,
        maximum: 1,
        title: 'Weight of the picture',
        description: 'How much the picture counts beside the prompt.',
      },
      raw: {
        type: 'boolean',
        default: false,
        title: 'Raw',
        description: 'Less processed, more like a photograph.',
      },
      ...upsampling,
    },
    rules: [
      {
        when: { image_strength: { given: true } },
        then: { image: { given: true } },
        say: 'It is the weight of a picture.',
      },
    ],
    references: { image: { ...picture, role: 'style' } },
    price: credits({ flat: '0.06' }),
    example: { prompt: 'a lighthouse in fog, gouache', aspect_ratio: '16:9' },
  }),
  model({
    id: 'flux-pro-1.1',
    title: 'FLUX1.1 pro',
    description: 'Draws pictures of up to 1440 pixels a side.',
    parameters: { ...sides({ multipleOf: 32, min: 256, max: 1440 }), ...upsampling },
    references: {},
    geometry: {
      kind: 'free',
      width: 'width',
      height: 'height',
      bounds: { multipleOf: 32, minSide: 256, maxSide: 1440 },
    },
    price: credits({ flat: '0.04' }),
    example: { prompt: 'a lighthouse in fog, gouache', width: 1024, height: 768 },
  }),
  model({
    id: 'flux-pro-1.0-fill',
    title: 'FLUX.1 Fill pro',
    description: 'Fills what a mask marks in a picture.',
    parameters: {
      ...oneImage,
      mask: {
        type: 'string',
        minLength: 1,
        maxLength: 2048,
        title: 'Mask',
        description: 'A picture of the same size. What is white in it is filled, black stays.',
      },
      ...upsampling,
    },
    required: ['image', 'mask'],
    references: {
      image: picture,
      mask: {
        ...picture,
        role: 'mask',
        mime: ['image/png'],
        sameSizeAs: 'image',
        changes: 'white',
      },
    },
    price: credits({ flat: '0.05' }),
    example: { prompt: 'a rowing boat' },
  }),
]
