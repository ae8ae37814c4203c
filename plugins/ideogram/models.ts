import type { CrossRule, ModelManifest, ReferenceRule } from '#core/plugins/define_plugin'
import type { PriceRule } from '#core/prices/price_rule'

const MEGABYTE = 1_000_000
/** Whoever hangs up is billed nonetheless: better to wait too long. */
const TIMEOUT_MS = 180_000
/** How long links live is not said: an hour is what we count on. */
const TTL_SECONDS = 3600

type Properties = ModelManifest['parameters']['properties']

const picture: ReferenceRule = {
  role: 'source',
  mime: ['image/png', 'image/jpeg', 'image/webp'],
  maxMegapixels: 40,
  maxBytes: 10 * MEGABYTE,
}

/** All references together may have 10 MB: three of style and one of a character, a quarter each. */
const guide: ReferenceRule = { ...picture, maxBytes: 2.5 * MEGABYTE }

const references: ModelManifest['references'] = {
  style_reference_images: { ...guide, role: 'style' },
  character_reference_images: { ...guide, role: 'subject' },
}

const file = { type: 'string', minLength: 1, maxLength: 2048 }

const shared: Properties = {
  prompt: {
    type: 'string',
    minLength: 1,
    maxLength: 10_000,
    title: 'Prompt',
    description: 'What to draw. Words in quotation marks are written into the picture.',
  },
  rendering_speed: {
    type: 'string',
    enum: ['TURBO', 'DEFAULT', 'QUALITY'],
    default: 'DEFAULT',
    title: 'Rendering speed',
    description: 'How much work goes into each picture. It decides the price.',
  },
  magic_prompt: {
    type: 'string',
    enum: ['AUTO', 'ON', 'OFF'],
    default: 'AUTO',
    title: 'Magic prompt',
    description: 'Whether Ideogram may write the prompt out before it draws.',
  },
  num_images: {
    type: 'integer',
    minimum: 1,
    maximum: 4,
    default: 1,
    title: 'Pictures wanted',
    description: 'How many pictures to make.',
  },
  seed: {
    type: 'integer',
    minimum: 0,
    maximum: 2_147_483_647,
    title: 'Seed',
    description: 'The same seed and input draw alike.',
  },
  style_type: {
    type: 'string',
    enum: ['AUTO', 'GENERAL', 'REALISTIC', 'DESIGN', 'FICTION'],
    title: 'Style',
    description: 'The kind of picture. Left out where pictures of a style are given.',
  },
  style_reference_images: {
    type: 'array',
    items: file,
    minItems: 1,
    maxItems: 3,
    title: 'Pictures of the style',
    description: 'Whose style to follow: asset ids or https URLs.',
  },
  character_reference_images: {
    type: 'array',
    items: file,
    minItems: 1,
    maxItems: 1,
    title: 'Picture of the character',
    description: 'Who appears in the picture: an asset id or an https URL. It costs more.',
  },
}

const drawn: Properties = {
  aspect_ratio: {
    type: 'string',
    enum: [
      ...['1x1', '16x9', '9x16', '16x10', '10x16', '3x2', '2x3', '4x3', '3x4'],
      ...['5x4', '4x5', '2x1', '1x2', '3x1', '1x3'],
    ],
    default: '1x1',
    title: 'Aspect ratio',
    description: 'Width to height.',
  },
  negative_prompt: {
    type: 'string',
    minLength: 1,
    maxLength: 10_000,
    title: 'Without',
    description: 'What must not be in the picture.',
  },
}

const rules: CrossRule[] = [
  {
    when: { style_reference_images: { given: true } },
    then: { style_type: { given: false } },
    say: 'The style is that of the pictures.',
  },
]

const rule: PriceRule = {
  table: {
    keys: ['rendering_speed', 'has:character_reference_images'],
    rows: [
      [['TURBO', false], '0.03'],
      [['DEFAULT', false], '0.06'],
      [['QUALITY', false], '0.09'],
      [['TURBO', true], '0.10'],
      [['DEFAULT', true], '0.15'],
      [['QUALITY', true], '0.20'],
    ],
  },
}

type Different = Pick<ModelManifest, 'id' | 'title' | 'description' | 'kind' | 'example'> & {
  properties: Properties
  required: string[]
  files?: ModelManifest['references']
  negativePrompt: boolean
  /** Where the list does not name it. */
  doubt?: string
}

function model({
  properties,
  required,
  files = {},
  negativePrompt,
  doubt = '',
  ...different
}: Different): ModelManifest {
  return {
    ...different,
    lifecycle: { state: 'active' },
    capabilities: { cancel: false, seed: true, negativePrompt, maxOutputs: 4 },
    parameters: { type: 'object', properties, required, additionalProperties: false },
    rules,
    references: { ...files, ...references },
    outputsParameter: 'num_images',
    execution: {
      shape: 'sync',
      timeoutMs: TIMEOUT_MS,
      deadlineMs: 600_000,
      maxAttempts: 3,
    },
    price: { version: '2026-11-22', source: `Ideogram price list, read 2026-11-22${doubt}`, rule },
    // It bills what it withholds, and what nobody waited for. Neither is the user's doing.
    billedOn: { block: 'platform', cancel: 'platform' },
    output: {
      mime: ['image/png', 'image/jpeg'],
      transport: 'url',
      ttlSeconds: TTL_SECONDS,
    },
  }
}

export const models: ModelManifest[] = [
  model({
    id: 'ideogram-v3',
    title: 'Ideogram 3.0',
    description: 'Draws pictures with legible text, after a style or a character if wanted.',
    kind: 'image',
    properties: { ...shared, ...drawn },
    required: ['prompt'],
    negativePrompt: true,
    example: { prompt: 'a poster that says "Fog"', aspect_ratio: '3x4', num_images: 1 },
  }),
  model({
    id: 'ideogram-v3-remix',
    title: 'Ideogram 3.0 Remix',
    doubt: '; that it costs what drawing costs is to be confirmed',
    description: 'Draws a picture anew by a prompt, more or less like it was.',
    kind: 'edit',
    properties: {
      ...shared,
      ...drawn,
      image: { ...file, title: 'Picture', description: 'What to start from.' },
      image_weight: {
        type: 'integer',
        minimum: 1,
        maximum: 100,
        default: 50,
        title: 'Likeness',
        description: 'How much of the picture stays: 100 is the most.',
      },
    },
    required: ['prompt', 'image'],
    files: { image: picture },
    negativePrompt: true,
    example: { prompt: 'the same harbour at night', image_weight: 60 },
  }),
  model({
    id: 'ideogram-v3-edit',
    title: 'Ideogram 3.0 Edit',
    doubt: '; that it costs what drawing costs is to be confirmed',
    description: 'Draws a part of a picture anew, and leaves the rest.',
    kind: 'edit',
    properties: {
      ...shared,
      image: { ...file, title: 'Picture', description: 'What to change.' },
      mask: {
        ...file,
        title: 'Mask',
        description: 'As large as the picture: black is drawn anew, white stays.',
      },
    },
    required: ['prompt', 'image', 'mask'],
    files: {
      image: picture,
      mask: { ...picture, role: 'mask', sameSizeAs: 'image', changes: 'black' },
    },
    negativePrompt: false,
    example: { prompt: 'a red boat' },
  }),
]
