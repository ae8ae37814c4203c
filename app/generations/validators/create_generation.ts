/** The envelope of `POST /v1/generations`. `input` is checked against the model's own schema. */
export const createGenerationSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['model', 'input'],
  properties: {
    model: { type: 'string', maxLength: 200 },
    input: { type: 'object' },
    quote_id: { type: 'string', minLength: 1, maxLength: 100 },
    max_credits: {
      type: 'string',
      pattern: '^\\d{1,12}(\\.\\d{1,6})?$',
      description: 'a decimal string of credits such as "1.25".',
    },
    webhook_url: { type: 'string', minLength: 1, maxLength: 2048 },
    end_user: { type: 'string', minLength: 1, maxLength: 200 },
    deadline: {
      type: 'string',
      pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}(:\\d{2}(\\.\\d+)?)?(Z|[+-]\\d{2}:\\d{2})$',
      description: 'an ISO 8601 instant with its zone such as "2030-01-31T08:00:00Z".',
    },
    metadata: {
      type: 'object',
      maxProperties: 16,
      propertyNames: { maxLength: 64 },
      additionalProperties: { type: 'string', maxLength: 512 },
    },
  },
}

/** The same where several models are named, to be asked in their order. */
const { model: oneModel, ...otherProperties } = createGenerationSchema.properties
const severalModelsSchema = {
  ...createGenerationSchema,
  required: ['models', 'input'],
  properties: {
    models: {
      type: 'array',
      minItems: 1,
      maxItems: 5,
      uniqueItems: true,
      items: oneModel,
    },
    ...otherProperties,
  },
}

/** What a body has to be like: one model, or several. */
export function schemaOf(body: unknown): object {
  const isSeveral = typeof body === 'object' && body !== null && 'models' in body
  return isSeveral ? severalModelsSchema : createGenerationSchema
}

export interface CreateGenerationBody {
  /** One of the two. */
  model?: string
  models?: string[]
  input: Record<string, unknown>
  quote_id?: string
  max_credits?: string
  webhook_url?: string
  end_user?: string
  deadline?: string
  metadata?: Record<string, string>
}
