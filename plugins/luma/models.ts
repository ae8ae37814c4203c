import type { ModelManifest, ReferenceRule } from '#core/plugins/define_plugin'
import type { PriceRule } from '#core/prices/price_rule'

type Properties = ModelManifest['parameters']['properties']

/** Luma fetches pictures itself. What it takes of them is not documented. */
const picture: ReferenceRule = {
  mime: ['image/png', 'image/jpeg', 'image/webp'],
  maxMegapixels: 40,
  maxBytes: 20_000_000,
}

const shared: Properties = {
  prompt: {
    type: 'string',
    minLength: 3,
    maxLength: 5_000,
    title: 'Prompt',
    description: 'What is to be seen.',
  },
  aspect_ratio: {
    type: 'string',
    enum: ['16:9', '9:16', '1:1', '4:3', '3:4', '21:9', '9:21'],
    default: '16:9',
    title: 'Shape',
    description: 'Width to height.',
  },
}

/** One file, or a list of them. */
function file(title: string, description: string, maxItems?: number): Record<string, unknown> {
  const one = { type: 'string', minLength: 1, maxLength: 2048 }
  return maxItems === undefined
    ? { ...one, title, description }
    : { type: 'array', items: one, minItems: 1, maxItems, title, description }
}

const execution: ModelManifest['execution'] = {
  shape: 'poll',
  timeoutMs: 60_000,
  pollIntervalMs: 3_000,
  callback: 'unsigned',
  deadlineMs: 1_800_000,
  maxAttempts: 3,
}

/** They work, and the documentation of today no longer speaks of them. */
const lifecycle: ModelManifest['lifecycle'] = { state: 'deprecated' }
const source = 'Luma price list by megapixels as others quote it, read 2026-11-22; to be confirmed'
const version = '2026-11-22'
// What is not wanted any more is made all the same.
const billedOn: ModelManifest['billedOn'] = { cancel: 'platform' }

function photon(id: string, title: string, price: string): ModelManifest {
  return {
    ...{ id, title, lifecycle, execution, billedOn },
    description: 'Pictures from a prompt and from pictures: to go by, for style, for a face.',
    kind: 'image',
    capabilities: { cancel: false, maxOutputs: 1 },
    parameters: {
      type: 'object',
      properties: {
        ...shared,
        output_format: {
          type: 'string',
          enum: ['jpeg', 'png'],
          default: 'jpeg',
          title: 'File format',
          description: 'The format of the file.',
        },
        images: file('Pictures', 'Pictures to go by: asset ids or https URLs.', 4),
        image_weight: {
          type: 'number',
          minimum: 0,
          maximum: 1,
          title: 'Weight',
          description: 'How much the pictures count.',
        },
        style_image: file('Style', 'A picture whose style is taken.'),
        character_images: file('Character', 'Up to four pictures of one person.', 4),
        source_image: file('Picture to change', 'A picture that the prompt changes.'),
      },
      required: ['prompt'],
      additionalProperties: false,
    },
    rules: [
      {
        when: { image_weight: { given: true } },
        then: { images: { given: true } },
        say: 'The weight is that of pictures.',
      },
    ],
    references: {
      images: { ...picture, role: 'subject' },
      style_image: { ...picture, role: 'style' },
      character_images: { ...picture, role: 'subject' },
      source_image: { ...picture, role: 'source' },
    },
    price: { version, source, rule: { flat: price } },
    output: { mime: ['image/jpeg', 'image/png'], transport: 'url', ttlSeconds: 3_600 },
    example: { prompt: 'a lighthouse in fog, gouache', aspect_ratio: '4:3' },
  }
}

/** A second of each resolution: 24 frames of 16:9, with which the list of others agrees to the cent. */
function bySecond(rates: Record<'540p' | '720p' | '1080p' | '4k', string>): PriceRule {
  const rows = Object.entries(rates).map(([tier, rate]): [string[], string] => [[tier], rate])
  return { perSecond: { table: { keys: ['resolution'], rows } } }
}

function ray(id: string, title: string, rule: PriceRule): ModelManifest {
  return {
    ...{ id, title, lifecycle, execution, billedOn },
    description: 'Films of five or nine seconds from a prompt or between two pictures.',
    kind: 'video',
    capabilities: { cancel: false, maxOutputs: 1 },
    parameters: {
      type: 'object',
      properties: {
        ...shared,
        seconds: {
          type: 'integer',
          enum: [5, 9],
          default: 5,
          title: 'Seconds',
          description: 'How long the film is.',
        },
        resolution: {
          type: 'string',
          enum: ['540p', '720p', '1080p', '4k'],
          default: '720p',
          title: 'Resolution',
          description: 'How fine the film is. It decides the price.',
        },
        loop: {
          type: 'boolean',
          default: false,
          title: 'Loop',
          description: 'Whether the end leads to the beginning.',
        },
        image: file('First picture', 'What the film begins with: an asset id or an https URL.'),
        end_image: file('Last picture', 'What the film ends with.'),
      },
      required: ['prompt'],
      additionalProperties: false,
    },
    references: {
      image: { ...picture, role: 'start_frame' },
      end_image: { ...picture, role: 'end_frame' },
    },
    secondsParameter: 'seconds',
    price: { version, source, rule },
    output: { mime: ['video/mp4'], transport: 'url', ttlSeconds: 3_600 },
    example: { prompt: 'waves roll in at dusk', resolution: '720p', seconds: 5 },
  }
}

export const models: ModelManifest[] = [
  photon('photon-1', 'Photon', '0.01513728'),
  photon('photon-flash-1', 'Photon Flash', '0.00393984'),
  ray(
    'ray-2',
    'Ray 2',
    bySecond({
      '540p': '0.07962624',
      '720p': '0.14155776',
      '1080p': '0.31850496',
      '4k': '1.27401984',
    })
  ),
  ray(
    'ray-flash-2',
    'Ray Flash 2',
    bySecond({
      '540p': '0.02737152',
      '720p': '0.04866048',
      '1080p': '0.10948608',
      '4k': '0.43794432',
    })
  ),
]
