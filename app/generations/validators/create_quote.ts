import settings from '#config/quotes'

/** The body of `POST /v1/quotes`. `input` is checked against the model's own schema. */
export const createQuoteSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['model', 'input'],
  properties: {
    model: { type: 'string', maxLength: 200 },
    input: { type: 'object' },
    expires_in: { type: 'integer', minimum: 1, maximum: settings.longest },
  },
}

export interface CreateQuoteBody {
  model: string
  input: Record<string, unknown>
  /** Seconds. */
  expires_in?: number
}
