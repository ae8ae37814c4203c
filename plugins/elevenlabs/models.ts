import type { ModelManifest } from '#core/plugins/define_plugin'

type Properties = ModelManifest['parameters']['properties']

/** Of forty thousand characters. */
const TIMEOUT_MS = 300_000

const share = (title: string, description: string): Properties[string] => ({
  type: 'number',
  minimum: 0,
  maximum: 1,
  title,
  description,
})

function spoken(longest: number): Properties {
  return {
    text: {
      type: 'string',
      minLength: 1,
      maxLength: longest,
      title: 'Text',
      description: 'What is to be said. Its characters are the price.',
    },
    voice: {
      type: 'string',
      pattern: '^[A-Za-z0-9]{8,64}$',
      examples: ['JBFqnCBsd6RMkjVDRZzb'],
      title: 'Voice',
      description: 'The id of a voice at ElevenLabs, one of its library or of the account.',
    },
    stability: share('Stability', 'How evenly it is read: less has more feeling.'),
    similarity_boost: share('Similarity', 'How closely the original of the voice is kept to.'),
    seed: {
      type: 'integer',
      minimum: 0,
      maximum: 4_294_967_295,
      title: 'Seed',
      description: 'The same seed and input sound alike, as a rule. Left out, it is by chance.',
    },
    output_format: {
      type: 'string',
      enum: ['mp3_22050_32', 'mp3_44100_32', 'mp3_44100_64', 'mp3_44100_96', 'mp3_44100_128'],
      default: 'mp3_44100_128',
      title: 'File format',
      description: 'MP3, by samples and kilobits a second.',
    },
  }
}

const language: Properties = {
  language_code: {
    type: 'string',
    pattern: '^[a-z]{2}$',
    examples: ['en', 'de', 'ja'],
    title: 'Language',
    description: 'Which one the text is in (ISO 639-1). Left out, it is guessed.',
  },
}

interface Speech {
  id: string
  title: string
  description: string
  longest: number
  /** US dollars a thousand characters. */
  usd: string
  hasLanguage: boolean
}

function speech({ id, title, description, longest, usd, hasLanguage }: Speech): ModelManifest {
  return {
    id,
    title,
    description,
    kind: 'audio',
    lifecycle: { state: 'active' },
    capabilities: { cancel: false, seed: true, audio: true, maxOutputs: 1 },
    parameters: {
      type: 'object',
      properties: { ...spoken(longest), ...(hasLanguage && language) },
      required: ['text', 'voice'],
      additionalProperties: false,
    },
    references: {},
    execution: {
      shape: 'sync',
      timeoutMs: TIMEOUT_MS,
      deadlineMs: 900_000,
      maxAttempts: 3,
    },
    price: {
      version: '2026-11-22',
      source:
        '$0.24 a thousand characters as a reseller quotes it, half of it for Flash and Turbo (a credit for two characters: ElevenLabs help); read 2026-11-22, to be confirmed',
      rule: { perUnit: { unit: 'characters', of: 'text', rate: { usd, per: 1_000 } } },
    },
    output: { mime: ['audio/mpeg'], transport: 'bytes' },
    example: { text: 'The tide comes in at six.', voice: 'JBFqnCBsd6RMkjVDRZzb' },
  }
}

export const models: ModelManifest[] = [
  speech({
    id: 'eleven-v3',
    title: 'Eleven v3',
    description: 'Speech with the most feeling, which follows directions in square brackets.',
    longest: 5_000,
    usd: '0.24',
    hasLanguage: false,
  }),
  speech({
    id: 'eleven-multilingual-v2',
    title: 'Eleven Multilingual v2',
    description: 'Even, lifelike speech in many languages, for long texts.',
    longest: 10_000,
    usd: '0.24',
    hasLanguage: false,
  }),
  speech({
    id: 'eleven-flash-v2.5',
    title: 'Eleven Flash v2.5',
    description: 'Speech at once and for half, in many languages.',
    longest: 40_000,
    usd: '0.12',
    hasLanguage: true,
  }),
  speech({
    id: 'eleven-turbo-v2.5',
    title: 'Eleven Turbo v2.5',
    description: 'Quick speech for half, in many languages.',
    longest: 40_000,
    usd: '0.12',
    hasLanguage: true,
  }),
]
