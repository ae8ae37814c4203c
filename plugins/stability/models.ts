import type { CrossRule, ModelManifest, ReferenceRule } from '#core/plugins/define_plugin'

const MEGABYTE = 1_000_000
const TIMEOUT_MS = 120_000

type Properties = ModelManifest['parameters']['properties']

const image: ReferenceRule = {
  role: 'source',
  mime: ['image/png', 'image/jpeg', 'image/webp'],
  maxMegapixels: 9.4,
  maxBytes: 10 * MEGABYTE,
  minSide: 64,
}

const prompt: Properties[string] = {
  type: 'string',
  minLength: 1,
  maxLength: 10_000,
  title: 'Prompt',
  description: 'What to draw.',
}

const negativePrompt: Properties[string] = {
  type: 'string',
  minLength: 1,
  maxLength: 10_000,
  title: 'Leave out',
  description: 'What is not to be in the picture.',
}

const seed: Properties[string] = {
  type: 'integer',
  minimum: 1,
  maximum: 4_294_967_294,
  title: 'Seed',
  description: 'The same seed and input make the same picture. Left out, it is by chance.',
}

const outputFormat = (formats: string[]): Properties[string] => ({
  type: 'string',
  enum: formats,
  default: 'png',
  title: 'File format',
  description: 'The format of the file.',
})

const aspectRatio: Properties[string] = {
  type: 'string',
  enum: ['16:9', '1:1', '21:9', '2:3', '3:2', '4:5', '5:4', '9:16', '9:21'],
  title: 'Aspect ratio',
  description: 'Width to height. Left out, the picture is square.',
}

const picture: Properties[string] = {
  type: 'string',
  minLength: 1,
  maxLength: 2048,
  title: 'Picture',
  description: 'A picture to begin with: an asset id or an https URL. PNG, JPEG or WebP.',
}

const strength: Properties[string] = {
  type: 'number',
  minimum: 0,
  maximum: 1,
  title: 'Strength',
  description: 'How far the result may go from the picture: 0 keeps it, 1 forgets it.',
}

const stylePreset: Properties[string] = {
  type: 'string',
  enum: [
    ...['enhance', 'anime', 'photographic', 'digital-art', 'comic-book', 'fantasy-art'],
    ...['line-art', 'analog-film', 'neon-punk', 'isometric', 'low-poly', 'origami'],
    ...['modeling-compound', 'cinematic', '3d-model', 'pixel-art', 'tile-texture'],
  ],
  title: 'Style',
  description: 'A style that the picture is led to.',
}

const common: Properties = {
  prompt,
  negative_prompt: negativePrompt,
  seed,
}

const given = { given: true }
const left = { given: false }

/** A picture to begin with goes with a strength, and no strength without one. */
const fromPicture: CrossRule[] = [
  { when: { image: given }, then: { strength: given }, say: 'A picture is kept to some degree.' },
  { when: { strength: given }, then: { image: given }, say: 'Strength is of a picture.' },
]

const creativity = (minimum: number, maximum: number): Properties => ({
  creativity: {
    type: 'number',
    minimum,
    maximum,
    title: 'Creativity',
    description: 'How much detail may be made up. Left out, a fair amount.',
  },
})

type Own = Pick<ModelManifest, 'id' | 'title' | 'description'>

interface Ways {
  kind: 'image' | 'upscale'
  properties: Properties
  required: string[]
  rules?: CrossRule[]
  /** Of the picture that goes in. */
  largestMegapixels?: number
  /** The vendor answers with an id, and works on. */
  isPolled?: boolean
  price: ModelManifest['price']
}

function model(own: Own, ways: Ways): ModelManifest {
  const { kind, properties, required, rules = [], largestMegapixels = 9.4, price } = ways
  const hasWords = 'prompt' in properties
  return {
    ...own,
    kind,
    lifecycle: { state: 'active' },
    capabilities: { cancel: false, seed: hasWords, negativePrompt: hasWords, maxOutputs: 1 },
    parameters: { type: 'object', properties, required, additionalProperties: false },
    rules,
    references:
      'image' in properties ? { image: { ...image, maxMegapixels: largestMegapixels } } : {},
    execution: {
      ...(ways.isPolled ? { shape: 'poll', pollIntervalMs: 10_000 } : { shape: 'sync' }),
      timeoutMs: TIMEOUT_MS,
      deadlineMs: 900_000,
      maxAttempts: 3,
    },
    price,
    output: { mime: ['image/png', 'image/jpeg', 'image/webp'], transport: 'base64' },
    example: hasWords ? { prompt: 'a lighthouse in fog, gouache' } : {},
  }
}

/** Credits are cents. */
const remembered = (usd: string): ModelManifest['price'] => ({
  version: '2026-11-22',
  source: 'Stability AI price list from memory; to be confirmed',
  rule: { flat: usd },
})

const announced = (usd: string): ModelManifest['price'] => ({
  version: '2025-08-01',
  source:
    'Stability AI announcement of credits from 2025-08-01 on; that one is $0.01: from memory, to be confirmed',
  rule: { flat: usd },
})

const enlarged: Properties[string] = { ...picture, description: 'The picture to enlarge.' }

export const models: ModelManifest[] = [
  model(
    {
      id: 'ultra',
      title: 'Stable Image Ultra',
      description: 'The best pictures of the house, from words or from a picture to begin with.',
    },
    {
      kind: 'image',
      properties: {
        ...common,
        aspect_ratio: aspectRatio,
        image: picture,
        strength,
        output_format: outputFormat(['png', 'jpeg', 'webp']),
      },
      required: ['prompt'],
      rules: fromPicture,
      price: remembered('0.08'),
    }
  ),
  model(
    {
      id: 'core',
      title: 'Stable Image Core',
      description: 'Quick pictures for little, in seventeen styles.',
    },
    {
      kind: 'image',
      properties: {
        ...common,
        aspect_ratio: aspectRatio,
        style_preset: stylePreset,
        output_format: outputFormat(['png', 'jpeg', 'webp']),
      },
      required: ['prompt'],
      price: remembered('0.03'),
    }
  ),
  model(
    {
      id: 'sd3.5-large',
      title: 'Stable Diffusion 3.5 Large',
      description: 'The open model at its vendor, from words or from a picture to begin with.',
    },
    {
      kind: 'image',
      properties: {
        ...common,
        aspect_ratio: aspectRatio,
        image: picture,
        strength,
        cfg_scale: {
          type: 'number',
          minimum: 1,
          maximum: 10,
          title: 'Adherence',
          description: 'How closely the prompt is kept to. Left out, the model chooses.',
        },
        output_format: outputFormat(['png', 'jpeg']),
      },
      required: ['prompt'],
      rules: [
        ...fromPicture,
        {
          when: { image: given },
          then: { aspect_ratio: left },
          say: 'A picture to begin with has a ratio of its own.',
        },
      ],
      price: remembered('0.065'),
    }
  ),
  model(
    {
      id: 'upscale-fast',
      title: 'Fast Upscaler',
      description: 'Larger within seconds, with nothing made up.',
    },
    {
      kind: 'upscale',
      properties: { image: enlarged, output_format: outputFormat(['png', 'jpeg', 'webp']) },
      required: ['image'],
      largestMegapixels: 1,
      price: announced('0.02'),
    }
  ),
  model(
    {
      id: 'upscale-conservative',
      title: 'Conservative Upscaler',
      description: 'Much larger, with hardly anything made up.',
    },
    {
      kind: 'upscale',
      properties: {
        ...common,
        image: enlarged,
        ...creativity(0.2, 0.5),
        output_format: outputFormat(['png', 'jpeg', 'webp']),
      },
      required: ['image', 'prompt'],
      price: announced('0.40'),
    }
  ),
  model(
    {
      id: 'upscale-creative',
      title: 'Creative Upscaler',
      description: 'Much larger, with detail made up where the picture has none.',
    },
    {
      kind: 'upscale',
      properties: {
        ...common,
        image: enlarged,
        ...creativity(0.1, 0.5),
        output_format: outputFormat(['png', 'jpeg', 'webp']),
      },
      required: ['image', 'prompt'],
      largestMegapixels: 1,
      isPolled: true,
      price: announced('0.60'),
    }
  ),
]
