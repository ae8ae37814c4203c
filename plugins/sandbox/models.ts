import type { ModelManifest } from '#core/plugins/define_plugin'

/**
 * Ratios up to 4:1 either way. A schema cannot divide, so each line allows the pairs whose
 * sides both lie between a number and four times that number.
 */
const RATIO = ['[1-4]', '[2-8]', '[3-9]|1[0-2]', '[5-9]|1[0-9]|20', '9|[12][0-9]|3[0-6]']
  .map((side) => `(?:${side}):(?:${side})`)
  .join('|')

const prompt = {
  type: 'string',
  minLength: 1,
  maxLength: 2000,
  title: 'Prompt',
  description:
    'What to draw. It may ask for trouble: fail:transient, fail:transient:2, fail:rate, fail:moderation, ' +
    'fail:output, fail:provider, fail:lost, fail:unknown, slow:5s, slow:300ms, partial:2/4, cost:+50%.',
}

const seed = {
  type: 'integer',
  minimum: 0,
  maximum: 2_147_483_647,
  title: 'Seed',
  description: 'The same prompt and seed give the same result. Left out, each job draws its own.',
}

const image: ModelManifest = {
  id: 'image',
  title: 'Sandbox image',
  description:
    'A drawing made on this machine from prompt and seed, to try the platform without a key.',
  kind: 'image',
  lifecycle: { state: 'active' },
  capabilities: { cancel: true, seed: true, maxOutputs: 4 },
  parameters: {
    type: 'object',
    properties: {
      prompt,
      aspect_ratio: {
        type: 'string',
        pattern: `^(?:${RATIO})$`,
        default: '1:1',
        examples: ['1:1', '4:3', '3:2', '16:9', '9:16'],
        title: 'Aspect ratio',
        description: 'Width to height in small whole numbers, at most 4:1 or 1:4.',
      },
      n: {
        type: 'integer',
        minimum: 1,
        maximum: 4,
        default: 1,
        title: 'Pictures',
        description: 'How many pictures to draw.',
      },
      seed,
      format: {
        type: 'string',
        enum: ['png', 'jpeg', 'webp'],
        default: 'png',
        title: 'File format',
        description: 'The format of the files.',
      },
    },
    required: ['prompt'],
    additionalProperties: false,
  },
  references: {},
  outputsParameter: 'n',
  geometry: { kind: 'aspect', param: 'aspect_ratio', pixels: 1_048_576, multipleOf: 16 },
  execution: { shape: 'poll', resubmit: 'safe', deadlineMs: 600_000, maxAttempts: 4 },
  price: {
    version: '2026-07-01',
    source: 'made up, near what image models cost',
    rule: { perMegapixel: { out: '0.03' } },
  },
  // As a vendor that bills what its filter withholds.
  billedOn: { block: 'platform' },
  output: { mime: ['image/png', 'image/jpeg', 'image/webp'] },
  example: { prompt: 'a quiet valley at dusk', aspect_ratio: '16:9', n: 1, seed: 7, format: 'png' },
}

const video: ModelManifest = {
  id: 'video',
  title: 'Sandbox video',
  description: 'A short silent film drawn on this machine, to try jobs that take a while.',
  kind: 'video',
  lifecycle: { state: 'active' },
  capabilities: { cancel: true, seed: true, maxOutputs: 1 },
  parameters: {
    type: 'object',
    properties: {
      prompt,
      duration: {
        type: 'integer',
        minimum: 1,
        maximum: 5,
        default: 2,
        title: 'Duration',
        description: 'Seconds.',
      },
      aspect_ratio: {
        type: 'string',
        enum: ['16:9', '9:16', '1:1'],
        default: '16:9',
        title: 'Aspect ratio',
        description: 'Width to height: 320×180, 180×320 or 240×240 pixels.',
      },
      seed,
    },
    required: ['prompt'],
    additionalProperties: false,
  },
  references: {},
  secondsParameter: 'duration',
  geometry: { kind: 'aspect', param: 'aspect_ratio', pixels: 57_600, multipleOf: 4 },
  execution: { shape: 'poll', resubmit: 'safe', deadlineMs: 600_000, maxAttempts: 4 },
  price: {
    version: '2026-07-01',
    source: 'made up, below what video models cost',
    rule: { perSecond: '0.05' },
  },
  output: { mime: ['video/mp4'] },
  example: { prompt: 'a quiet valley at dusk', duration: 2, aspect_ratio: '16:9', seed: 7 },
}

export const models: ModelManifest[] = [image, video]
