import type { CrossRule, ModelManifest } from '#core/plugins/define_plugin'
import type { PriceRule } from '#core/prices/price_rule'

/** How long links live is not said: an hour is what we count on. */
const TTL_SECONDS = 3600

type Properties = ModelManifest['parameters']['properties']

const shared: Properties = {
  prompt: {
    type: 'string',
    minLength: 1,
    maxLength: 2048,
    title: 'Prompt',
    description: 'What happens in the film.',
  },
  image: {
    type: 'string',
    minLength: 1,
    maxLength: 2048,
    title: 'First picture',
    description: 'What the film begins with: an asset id or an https URL. PNG or JPEG.',
  },
  aspect_ratio: {
    type: 'string',
    enum: ['16:9', '4:3', '1:1', '3:4', '9:16'],
    title: 'Aspect ratio',
    description:
      'Width to height, 16:9 where it is left out. With a picture it is that of the picture.',
  },
  quality: {
    type: 'string',
    enum: ['360p', '540p', '720p'],
    default: '540p',
    title: 'Quality',
    description: 'How fine the film is.',
  },
  negative_prompt: {
    type: 'string',
    minLength: 1,
    maxLength: 2048,
    title: 'Without',
    description: 'What must not be seen.',
  },
  seed: {
    type: 'integer',
    minimum: 0,
    maximum: 2_147_483_647,
    title: 'Seed',
    description: 'The same seed and input come out alike.',
  },
}

const rules: CrossRule[] = [
  {
    when: { image: { given: true } },
    then: { aspect_ratio: { given: false } },
    say: 'The film has the shape of its first picture.',
  },
]

/**
 * A thousand credits are ten dollars, and each answer says how many it took. Held is what 720p of
 * version 6 costs with sound, the dearest that is known of what can be asked for here.
 */
const rule: PriceRule = {
  reported: {
    unit: 'credits',
    rates: [
      { version: '2026-11-22', from: '2024-01-01T00:00:00Z', rate: { usd: '10', per: 1000 } },
    ],
    otherwise: { perSecond: '0.12' },
  },
}

function film(id: string, title: string, length: Record<string, unknown>): ModelManifest {
  return {
    id,
    title,
    description: 'Films a prompt, from a first picture if wanted.',
    kind: 'video',
    lifecycle: { state: 'active' },
    capabilities: { cancel: false, seed: true, negativePrompt: true, maxOutputs: 1 },
    parameters: {
      type: 'object',
      properties: {
        ...shared,
        seconds: {
          type: 'integer',
          default: 5,
          title: 'Length',
          description: 'In seconds.',
          ...length,
        },
      },
      required: ['prompt'],
      additionalProperties: false,
    },
    rules,
    references: {
      image: {
        role: 'start_frame',
        mime: ['image/png', 'image/jpeg'],
        maxMegapixels: 16,
        maxBytes: 10_000_000,
        minSide: 300,
      },
    },
    secondsParameter: 'seconds',
    execution: {
      shape: 'poll',
      timeoutMs: 60_000,
      pollIntervalMs: 5_000,
      deadlineMs: 1_200_000,
      maxAttempts: 3,
    },
    price: {
      version: '2026-11-22',
      source: 'PixVerse prices derived from those that others quote, 2026-11-22; to be confirmed',
      rule,
    },
    // A film cannot be called back.
    billedOn: { cancel: 'platform' },
    output: { mime: ['video/mp4'], transport: 'url', ttlSeconds: TTL_SECONDS },
    example: { prompt: 'waves break on a pier', quality: '540p', seconds: 5 },
  }
}

export const models: ModelManifest[] = [
  film('pixverse-v6', 'PixVerse V6', { minimum: 1, maximum: 15 }),
  film('pixverse-v5', 'PixVerse V5', { enum: [5, 8] }),
]
