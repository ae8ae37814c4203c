import type { ModelManifest, ReferenceRule } from '#core/plugins/define_plugin'
import type { PriceRule, TokenEstimate } from '#core/prices/price_rule'

const MEGABYTE = 1_000_000
/** The vendor bills what we no longer wait for, so we wait. */
const TIMEOUT_MS = 180_000

type Properties = ModelManifest['parameters']['properties']

const images: ReferenceRule = {
  role: 'source',
  mime: ['image/png', 'image/jpeg', 'image/webp'],
  maxMegapixels: 40,
  // Fourteen of them, as base64, in one request.
  maxBytes: 7 * MEGABYTE,
}

const prompt: Properties[string] = {
  type: 'string',
  minLength: 1,
  maxLength: 32_000,
  title: 'Prompt',
  description: 'What to draw, or what to change in the pictures.',
}

function drawing(imageSizes: string[], mostImages: number): Properties {
  return {
    prompt,
    images: {
      type: 'array',
      items: { type: 'string', minLength: 1, maxLength: 2048 },
      minItems: 1,
      maxItems: mostImages,
      title: 'Pictures',
      description: 'Pictures to work from: asset ids or https URLs. PNG, JPEG or WebP.',
    },
    aspect_ratio: {
      type: 'string',
      enum: ['1:1', '2:3', '3:2', '3:4', '4:3', '4:5', '5:4', '9:16', '16:9', '21:9'],
      title: 'Aspect ratio',
      description: 'Width to height. Left out, the model chooses: that of the picture, as a rule.',
    },
    image_size: {
      type: 'string',
      enum: imageSizes,
      default: '1K',
      title: 'Size',
      description: 'About how long the sides are. It decides the price.',
    },
  }
}

interface Tokens {
  /** US dollars a million. */
  rates: { in: string; textOut: string; imageOut: string }
  /** Of one picture, by its size. */
  imageOut: NonNullable<TokenEstimate['perOutput']>
}

/**
 * What a call takes at most: a token for each byte of the prompt, 2,300 for a picture that goes in
 * (to be confirmed), 4,096 of thought and text, and twice the picture, because the model now and
 * then draws a second one that nobody has asked for.
 */
function tokens({ rates, imageOut }: Tokens): PriceRule {
  const million = (usd: string) => ({ usd, per: 1_000_000 })
  return {
    perToken: {
      rates: {
        textIn: million(rates.in),
        imageIn: million(rates.in),
        textOut: million(rates.textOut),
        imageOut: million(rates.imageOut),
      },
      upper: {
        textIn: { perCall: 100, perByteOf: 'prompt' },
        imageIn: { perReference: 2_300 },
        textOut: { perCall: 4_096 },
        imageOut: { perOutput: imageOut },
      },
    },
  }
}

function twice(rows: [size: string, tokens: number][]): Tokens['imageOut'] {
  return { table: { keys: ['image_size'], rows: rows.map(([size, count]) => [[size], 2 * count]) } }
}

type Own = Pick<ModelManifest, 'id' | 'title' | 'description' | 'lifecycle' | 'price'>

function gemini(own: Own, properties: Properties): ModelManifest {
  return {
    ...own,
    kind: 'image',
    capabilities: { cancel: false, maxOutputs: 1 },
    parameters: {
      type: 'object',
      properties,
      required: ['prompt'],
      additionalProperties: false,
    },
    references: 'images' in properties ? { images } : {},
    execution: {
      shape: 'sync',
      timeoutMs: TIMEOUT_MS,
      deadlineMs: 600_000,
      maxAttempts: 3,
    },
    // Tokens are billed whether or not there is a picture in the end, and so are calls that we leave.
    billedOn: { block: 'platform', failure: 'platform', cancel: 'platform' },
    output: { mime: ['image/png', 'image/jpeg', 'image/webp'], transport: 'base64' },
    example: { prompt: 'a lighthouse in fog, gouache' },
  }
}

function imagen(id: string, title: string, usd: string): ModelManifest {
  return gemini(
    {
      id,
      title,
      description: 'Drew pictures from a prompt. Google has switched it off.',
      lifecycle: {
        state: 'retired',
        shutdownAt: '2026-08-17',
        replacement: 'google/gemini-3.1-flash-image',
      },
      price: {
        version: '2026-08-17',
        source: 'Google price list from memory; never confirmed, and no longer sold',
        rule: { flat: usd },
      },
    },
    { prompt }
  )
}

const PRO_PRICE: ModelManifest['price'] = {
  version: '2026-11-22',
  source:
    'Google price list from memory, that of 4K as others quote it, read 2026-11-22; to be confirmed',
  rule: tokens({
    rates: { in: '2', textOut: '12', imageOut: '120' },
    imageOut: twice([
      ['1K', 1_120],
      ['2K', 1_120],
      ['4K', 2_000],
    ]),
  }),
}

export const imageModels: ModelManifest[] = [
  gemini(
    {
      id: 'gemini-3.1-flash-image',
      title: 'Gemini 3.1 Flash Image',
      description: 'Draws and edits pictures quickly, from words and up to 14 pictures.',
      lifecycle: { state: 'active' },
      price: {
        version: '2026-11-22',
        source:
          'tokens a picture: Google Cloud documentation; $0.067 at 1K: as others quote it; text: from memory; read 2026-11-22, to be confirmed',
        rule: tokens({
          rates: { in: '0.50', textOut: '3', imageOut: '60' },
          imageOut: twice([
            ['512', 747],
            ['1K', 1_120],
            ['2K', 1_680],
            ['4K', 2_520],
          ]),
        }),
      },
    },
    drawing(['512', '1K', '2K', '4K'], 14)
  ),
  gemini(
    {
      id: 'gemini-3-pro-image',
      title: 'Gemini 3 Pro Image',
      description: 'Thinks before it draws: legible text, diagrams, many pictures combined.',
      lifecycle: { state: 'active' },
      price: PRO_PRICE,
    },
    drawing(['1K', '2K', '4K'], 14)
  ),
  gemini(
    {
      id: 'gemini-3-pro-image-preview',
      title: 'Gemini 3 Pro Image (preview)',
      description: 'The preview of Gemini 3 Pro Image. Google has switched it off.',
      lifecycle: {
        state: 'retired',
        shutdownAt: '2026-06-25',
        replacement: 'google/gemini-3-pro-image',
      },
      price: PRO_PRICE,
    },
    drawing(['1K', '2K', '4K'], 14)
  ),
  gemini(
    {
      id: 'gemini-2.5-flash-image',
      title: 'Gemini 2.5 Flash Image',
      description: 'Drew and edited pictures. Google has switched it off.',
      lifecycle: {
        state: 'retired',
        shutdownAt: '2026-10-02',
        replacement: 'google/gemini-3.1-flash-image',
      },
      price: {
        version: '2026-10-02',
        source: 'Google price list as others quote it; no longer sold',
        rule: tokens({
          rates: { in: '0.30', textOut: '2.50', imageOut: '30' },
          imageOut: 2 * 1_290,
        }),
      },
    },
    drawing(['1K'], 3)
  ),
  imagen('imagen-4.0-generate-001', 'Imagen 4', '0.04'),
  imagen('imagen-4.0-fast-generate-001', 'Imagen 4 Fast', '0.02'),
  imagen('imagen-4.0-ultra-generate-001', 'Imagen 4 Ultra', '0.06'),
]
