import type { ModelManifest, ReferenceRule } from '#core/plugins/define_plugin'

const frame: ReferenceRule = {
  mime: ['image/png', 'image/jpeg', 'image/webp'],
  maxMegapixels: 40,
  maxBytes: 20_000_000,
  minSide: 300,
}

export const models: ModelManifest[] = [
  {
    id: 'hailuo-02',
    title: 'Hailuo 02',
    description: 'Films of six or ten seconds from a prompt, or between two pictures.',
    kind: 'video',
    lifecycle: { state: 'active' },
    capabilities: { cancel: false, maxOutputs: 1 },
    parameters: {
      type: 'object',
      properties: {
        prompt: {
          type: 'string',
          minLength: 1,
          maxLength: 2_000,
          title: 'Prompt',
          description: 'What is to be seen, and how it moves.',
        },
        prompt_optimizer: {
          type: 'boolean',
          default: true,
          title: 'Better prompt',
          description: 'Whether MiniMax may put the prompt into better words.',
        },
        resolution: {
          type: 'string',
          enum: ['512p', '768p', '1080p'],
          default: '768p',
          title: 'Resolution',
          description: 'How fine the film is. It decides the price.',
        },
        seconds: {
          type: 'integer',
          enum: [6, 10],
          default: 6,
          title: 'Seconds',
          description: 'How long the film is.',
        },
        image: {
          type: 'string',
          minLength: 1,
          maxLength: 2048,
          title: 'First picture',
          description: 'What the film begins with: an asset id or an https URL.',
        },
        end_image: {
          type: 'string',
          minLength: 1,
          maxLength: 2048,
          title: 'Last picture',
          description: 'What the film ends with. Only with a first picture.',
        },
      },
      required: ['prompt'],
      additionalProperties: false,
    },
    rules: [
      {
        when: { resolution: ['1080p'] },
        then: { seconds: [6] },
        say: '1080p films last six seconds.',
      },
      {
        when: { end_image: { given: true } },
        then: { image: { given: true } },
        say: 'A film with a last picture has a first one.',
      },
    ],
    references: {
      image: { ...frame, role: 'start_frame' },
      end_image: { ...frame, role: 'end_frame' },
    },
    secondsParameter: 'seconds',
    execution: {
      shape: 'poll',
      timeoutMs: 60_000,
      pollIntervalMs: 10_000,
      callback: 'unsigned',
      deadlineMs: 1_800_000,
      maxAttempts: 3,
    },
    price: {
      version: '2026-11-22',
      source:
        'MiniMax price list as others quote it (512p unsure), read 2026-11-22; to be confirmed',
      rule: {
        table: {
          keys: ['resolution', 'seconds'],
          rows: [
            [['512p', 6], '0.10'],
            [['512p', 10], '0.15'],
            [['768p', 6], '0.28'],
            [['768p', 10], '0.56'],
            [['1080p', '*'], '0.49'],
          ],
        },
      },
    },
    // What is not wanted any more is made all the same.
    billedOn: { cancel: 'platform' },
    output: { mime: ['video/mp4'], transport: 'url', ttlSeconds: 8 * 3_600 },
    example: { prompt: 'waves roll in at dusk', resolution: '768p', seconds: 6 },
  },
]
