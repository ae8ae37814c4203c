import type { ModelManifest, ReferenceRule } from '#core/plugins/define_plugin'

type Properties = ModelManifest['parameters']['properties']

const frame: ReferenceRule = {
  mime: ['image/png', 'image/jpeg'],
  maxMegapixels: 40,
  maxBytes: 10_000_000,
  minSide: 300,
}

const shared: Properties = {
  prompt: {
    type: 'string',
    minLength: 1,
    maxLength: 2_500,
    title: 'Prompt',
    description: 'What is to be seen, and how it moves.',
  },
  negative_prompt: {
    type: 'string',
    minLength: 1,
    maxLength: 2_500,
    title: 'Negative prompt',
    description: 'What is not to be seen.',
  },
  seconds: {
    type: 'integer',
    enum: [5, 10],
    default: 5,
    title: 'Seconds',
    description: 'How long the film is.',
  },
  aspect_ratio: {
    type: 'string',
    enum: ['16:9', '9:16', '1:1'],
    title: 'Shape',
    description:
      'Width to height: 16:9 where nothing is said. With a first picture it is that of it.',
  },
  image: {
    type: 'string',
    minLength: 1,
    maxLength: 2048,
    title: 'First picture',
    description: 'What the film begins with: an asset id or an https URL. PNG or JPEG.',
  },
  end_image: {
    type: 'string',
    minLength: 1,
    maxLength: 2048,
    title: 'Last picture',
    description: 'What the film ends with. Only with a first picture.',
  },
}

const SOUND: Properties = {
  audio: {
    type: 'boolean',
    default: false,
    title: 'Sound',
    description: 'Whether the film has sound. It costs twice as much.',
  },
}

type Own = Pick<ModelManifest, 'id' | 'title' | 'description' | 'lifecycle' | 'price'>

function film({ properties = {}, ...own }: Own & { properties?: Properties }): ModelManifest {
  return {
    ...own,
    kind: 'video',
    capabilities: {
      cancel: false,
      negativePrompt: true,
      audio: 'audio' in properties,
      maxOutputs: 1,
    },
    parameters: {
      type: 'object',
      properties: { ...shared, ...properties },
      required: ['prompt'],
      additionalProperties: false,
    },
    rules: [
      {
        when: { end_image: { given: true } },
        then: { image: { given: true } },
        say: 'A film with a last picture has a first one.',
      },
      {
        when: { image: { given: true } },
        then: { aspect_ratio: { given: false } },
        say: 'A film has the shape of its first picture.',
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
      pollIntervalMs: 5_000,
      callback: 'unsigned',
      // A task has an id of ours, by which it is found again.
      resubmit: 'lookup',
      deadlineMs: 1_800_000,
      maxAttempts: 3,
    },
    // What is not wanted any more is made all the same.
    billedOn: { cancel: 'platform' },
    output: { mime: ['video/mp4'], transport: 'url', ttlSeconds: 24 * 3_600 },
    example: { prompt: 'waves roll in at dusk', seconds: 5 },
  }
}

const source = 'Kling price list as others quote it (mode pro), read 2026-11-22; to be confirmed'

function retired(id: string, title: string): ModelManifest {
  return film({
    ...{ id, title },
    description: 'Switched off by Kling.',
    lifecycle: { state: 'retired', shutdownAt: '2026-09-15', replacement: 'kling/v2-6' },
    price: {
      version: '2026-09-15',
      source: 'Switched off 2026-09-15: it is refused before anything is held, and has no price',
      rule: { free: true },
    },
  })
}

/** Kling's own names, without its own. */
export const models: ModelManifest[] = [
  film({
    id: 'v2-6',
    title: 'Kling 2.6',
    description: 'Films from a prompt or from pictures, with sound where it is asked for.',
    lifecycle: { state: 'active' },
    properties: SOUND,
    price: {
      version: '2026-11-22',
      source,
      rule: {
        perSecond: {
          table: {
            keys: ['audio'],
            rows: [
              [[false], '0.07'],
              [[true], '0.14'],
            ],
          },
        },
      },
    },
  }),
  film({
    id: 'v2-5-turbo',
    title: 'Kling 2.5 Turbo',
    description: 'Silent films from a prompt or from pictures.',
    lifecycle: { state: 'active' },
    price: { version: '2026-11-22', source, rule: { perSecond: '0.07' } },
  }),
  retired('v2-1-master', 'Kling 2.1 Master'),
  retired('v2-1', 'Kling 2.1'),
  retired('v1-6', 'Kling 1.6'),
  retired('v1-5', 'Kling 1.5'),
]
