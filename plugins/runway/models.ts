import type { ModelManifest, ReferenceRule } from '#core/plugins/define_plugin'
import type { PriceRule } from '#core/prices/price_rule'

type Properties = ModelManifest['parameters']['properties']

/** A data URI may have 5 MB, of which base64 takes a third. */
const LARGEST_PICTURE = 3_700_000
/** What makes 720p of a picture; all other sizes are 1080p to the price. */
const SMALL_PICTURES = ['1280x720', '720x1280', '720x720', '960x720', '720x960', '1680x720']
const PICTURES = [
  ...SMALL_PICTURES,
  ...['1024x1024', '1080x1080', '1168x880', '1360x768', '1440x1080', '1080x1440'],
  ...['1808x768', '1920x1080', '1080x1920', '2112x912'],
]
const FILMS = ['1280x720', '720x1280', '1104x832', '832x1104', '960x960', '1584x672']

const picture: ReferenceRule = {
  mime: ['image/png', 'image/jpeg', 'image/webp'],
  maxMegapixels: 40,
  maxBytes: LARGEST_PICTURE,
}

const shared: Properties = {
  prompt: {
    type: 'string',
    minLength: 1,
    maxLength: 1_000,
    title: 'Prompt',
    description: 'What is to be seen.',
  },
  seed: {
    type: 'integer',
    minimum: 0,
    maximum: 4_294_967_295,
    title: 'Seed',
    description: 'The same seed and the same input come to something similar.',
  },
  public_figures: {
    type: 'string',
    enum: ['auto', 'low'],
    default: 'auto',
    title: 'Public figures',
    description: 'How strictly Runway looks for faces that everybody knows.',
  },
}

function sizeOf(sizes: string[], first: string): Properties {
  return {
    size: {
      type: 'string',
      enum: sizes,
      default: first,
      title: 'Size',
      description: 'Width and height in pixels.',
    },
  }
}

/** A task says what it has cost in the end; until then it is what the list says. */
function credits(otherwise: PriceRule): PriceRule {
  const rates = [{ version: '2026-11', from: '2024-11-06T00:00:00Z', rate: '0.01' }]
  return { reported: { unit: 'credits', rates, otherwise } }
}

const source = 'Runway price list as others quote it, read 2026-11-22; to be confirmed'

/** Tasks wait at Runway for a place, which takes as long as it takes. */
const execution: ModelManifest['execution'] = {
  shape: 'poll',
  timeoutMs: 60_000,
  pollIntervalMs: 5_000,
  deadlineMs: 1_800_000,
  maxAttempts: 3,
}

function image(
  { id, title, description }: Pick<ModelManifest, 'id' | 'title' | 'description'>,
  { needsPictures, rule }: { needsPictures: boolean; rule: PriceRule }
): ModelManifest {
  return {
    ...{ id, title, description, execution },
    kind: 'image',
    lifecycle: { state: 'active' },
    capabilities: { cancel: true, seed: true, maxOutputs: 1 },
    parameters: {
      type: 'object',
      properties: {
        ...shared,
        ...sizeOf(PICTURES, '1280x720'),
        images: {
          type: 'array',
          items: { type: 'string', minLength: 1, maxLength: 2048 },
          minItems: 1,
          maxItems: 3,
          title: 'Pictures',
          description:
            'Pictures to go by: asset ids or https URLs. The prompt calls them @image_1, @image_2 and @image_3.',
        },
      },
      required: needsPictures ? ['prompt', 'images'] : ['prompt'],
      additionalProperties: false,
    },
    references: { images: { ...picture, role: 'subject' } },
    geometry: { kind: 'size', param: 'size' },
    price: { version: '2026-11-22', source, rule: credits(rule) },
    // Whether what was stopped is billed, is not documented. It is taken for billed.
    billedOn: { cancel: 'platform' },
    output: {
      mime: ['image/png', 'image/jpeg', 'image/webp'],
      transport: 'url',
      ttlSeconds: 24 * 3_600,
    },
    example: { prompt: 'a lighthouse in fog, gouache', size: '1280x720' },
  }
}

const video: ModelManifest = {
  id: 'gen4-turbo',
  title: 'Gen-4 Turbo',
  description: 'Films of two to ten seconds that begin with a picture.',
  kind: 'video',
  lifecycle: { state: 'active' },
  capabilities: { cancel: true, seed: true, maxOutputs: 1 },
  parameters: {
    type: 'object',
    properties: {
      ...shared,
      ...sizeOf(FILMS, '1280x720'),
      image: {
        type: 'string',
        minLength: 1,
        maxLength: 2048,
        title: 'First picture',
        description: 'What the film begins with: an asset id or an https URL.',
      },
      seconds: {
        type: 'integer',
        minimum: 2,
        maximum: 10,
        default: 5,
        title: 'Seconds',
        description: 'How long the film is.',
      },
    },
    required: ['image'],
    additionalProperties: false,
  },
  references: { image: { ...picture, role: 'start_frame' } },
  secondsParameter: 'seconds',
  geometry: { kind: 'size', param: 'size' },
  execution,
  price: { version: '2026-11-22', source, rule: credits({ perSecond: '0.05' }) },
  billedOn: { cancel: 'platform' },
  output: { mime: ['video/mp4'], transport: 'url', ttlSeconds: 24 * 3_600 },
  example: { prompt: 'waves roll in', size: '1280x720', seconds: 5 },
}

/** With the dashes of model ids. Runway itself writes underscores, see `wireModel`. */
export const models: ModelManifest[] = [
  image(
    {
      id: 'gen4-image',
      title: 'Gen-4 Image',
      description: 'Pictures from a prompt, and from up to three pictures to go by.',
    },
    {
      needsPictures: false,
      rule: {
        table: {
          keys: ['size'],
          rows: [
            ...SMALL_PICTURES.map((size): [string[], string] => [[size], '0.05']),
            [['*'], '0.08'],
          ],
        },
      },
    }
  ),
  image(
    {
      id: 'gen4-image-turbo',
      title: 'Gen-4 Image Turbo',
      description: 'Fast pictures that go by one to three pictures.',
    },
    { needsPictures: true, rule: { flat: '0.02' } }
  ),
  video,
]
