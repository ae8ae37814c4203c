import type { CrossRule, ModelManifest, ReferenceRule } from '#core/plugins/define_plugin'
import type { Geometry } from '#core/plugins/geometry'
import type { Table, PlainRate } from '#core/prices/price_rule'

const MEGABYTE = 1_000_000
const HOUR_SECONDS = 3_600

type Properties = ModelManifest['parameters']['properties']

const picture = (role: ReferenceRule['role']): ReferenceRule => ({
  role,
  mime: ['image/png', 'image/jpeg'],
  maxMegapixels: 40,
  maxBytes: 10 * MEGABYTE,
})

const file = { type: 'string', minLength: 1, maxLength: 2048 } as const

const SIZES: Record<string, string> = {
  '720p 16:9': '1280x720',
  '720p 9:16': '720x1280',
  '1080p 16:9': '1920x1080',
  '1080p 9:16': '1080x1920',
  '4k 16:9': '3840x2160',
  '4k 9:16': '2160x3840',
}

const common: Properties = {
  prompt: {
    type: 'string',
    minLength: 1,
    maxLength: 4_000,
    title: 'Prompt',
    description: 'What is to be seen and heard.',
  },
  negative_prompt: {
    type: 'string',
    minLength: 1,
    maxLength: 2_000,
    title: 'Leave out',
    description: 'What is not to be seen.',
  },
  image: { ...file, title: 'First frame', description: 'A picture to begin with. PNG or JPEG.' },
  last_frame: {
    ...file,
    title: 'Last frame',
    description: 'A picture to end with, where there is one to begin with.',
  },
  aspect_ratio: {
    type: 'string',
    enum: ['16:9', '9:16'],
    default: '16:9',
    title: 'Aspect ratio',
    description: 'Width to height.',
  },
  duration_seconds: {
    type: 'integer',
    enum: [4, 6, 8],
    default: 8,
    title: 'Seconds',
    description: 'How long the film is.',
  },
}

const referenceImages: Properties = {
  reference_images: {
    type: 'array',
    items: file,
    minItems: 1,
    maxItems: 3,
    title: 'Subjects',
    description: 'Pictures of what is to be in the film. They take 8 seconds and 16:9.',
  },
}

function resolution(tiers: string[]): Properties {
  return {
    resolution: {
      type: 'string',
      enum: tiers,
      default: '720p',
      title: 'Resolution',
      description: 'Of the shorter side. All above 720p last 8 seconds.',
    },
  }
}

const given = { given: true }

const rules: CrossRule[] = [
  { when: { last_frame: given }, then: { image: given }, say: 'A film ends where it has begun.' },
]

const ofSubjects: CrossRule[] = [
  {
    when: { reference_images: given },
    then: { image: { given: false }, duration_seconds: [8], aspect_ratio: ['16:9'] },
    say: 'Films of subjects begin freely, last 8 seconds and are 16:9.',
  },
]

const tall = (tiers: string[]): CrossRule => ({
  when: { resolution: tiers.filter((tier) => tier !== '720p') },
  then: { duration_seconds: [8] },
  say: 'Films above 720p last 8 seconds.',
})

interface Veo {
  id: string
  title: string
  description: string
  /** US dollars a second with sound, by resolution: this way to Google there is no silent film. */
  perSecond: Record<string, string>
  subjects: boolean
}

function veo({ id, title, description, perSecond, subjects }: Veo): ModelManifest {
  const tiers = Object.keys(perSecond)
  const rows = Object.entries(perSecond).map(([tier, usd]): Table<PlainRate>['rows'][number] => [
    [tier],
    usd,
  ])
  const geometry: Geometry = {
    kind: 'table',
    by: ['resolution', 'aspect_ratio'],
    sizes: Object.fromEntries(
      Object.entries(SIZES).filter(([row]) => tiers.includes(row.split(' ')[0]))
    ),
  }
  return {
    id,
    title,
    description,
    kind: 'video',
    lifecycle: { state: 'active' },
    capabilities: { cancel: false, negativePrompt: true, audio: true, maxOutputs: 1 },
    parameters: {
      type: 'object',
      properties: { ...common, ...resolution(tiers), ...(subjects && referenceImages) },
      required: ['prompt'],
      additionalProperties: false,
    },
    rules: [...rules, ...(subjects ? ofSubjects : []), tall(tiers)],
    references: {
      image: picture('start_frame'),
      last_frame: picture('end_frame'),
      ...(subjects && { reference_images: picture('subject') }),
    },
    secondsParameter: 'duration_seconds',
    geometry,
    execution: {
      shape: 'lro',
      timeoutMs: 60_000,
      pollIntervalMs: 5_000,
      callback: 'unsigned',
      deadlineMs: 1_200_000,
      maxAttempts: 3,
    },
    price: {
      version: '2026-11-22',
      source: 'Google price list as others quote it, read 2026-11-22; to be confirmed',
      rule: { perSecond: { table: { keys: ['resolution'], rows } } },
    },
    // What is filtered is not charged (to be confirmed); what we leave goes on.
    billedOn: { cancel: 'platform' },
    output: { mime: ['video/mp4'], transport: 'authed_url', ttlSeconds: 48 * HOUR_SECONDS },
    example: { prompt: 'waves against a lighthouse, seen from a gull', duration_seconds: 4 },
  }
}

export const filmModels: ModelManifest[] = [
  veo({
    id: 'veo-3.1-generate',
    title: 'Veo 3.1',
    description: 'Films of 4 to 8 seconds with sound, from words, frames or up to three subjects.',
    perSecond: { '720p': '0.40', '1080p': '0.40', '4k': '0.60' },
    subjects: true,
  }),
  veo({
    id: 'veo-3.1-fast',
    title: 'Veo 3.1 Fast',
    description: 'Films of 4 to 8 seconds with sound, sooner and for less.',
    perSecond: { '720p': '0.10', '1080p': '0.12', '4k': '0.30' },
    subjects: true,
  }),
  veo({
    id: 'veo-3.1-lite',
    title: 'Veo 3.1 Lite',
    description: 'Films of 4 to 8 seconds with sound, for little.',
    perSecond: { '720p': '0.05', '1080p': '0.08' },
    subjects: false,
  }),
]
