import type { ParameterSchema } from '#core/plugins/define_plugin'

/**
 * What a form sent, in the types of the model's schema. Empty fields are left out, so that
 * defaults hold. What is no number or no JSON stays text: the schema's own check names it.
 */
export function readFormInput(
  { properties }: ParameterSchema,
  sent: Record<string, unknown>
): Record<string, unknown> {
  const input: Record<string, unknown> = {}
  for (const [name, schema] of Object.entries(properties)) {
    const text = sent[name]
    if (schema.type === 'boolean') input[name] = text === 'true'
    else if (typeof text === 'string' && text.trim() !== '') input[name] = valueOf(schema, text)
  }
  return input
}

function valueOf(schema: Record<string, unknown>, text: string): unknown {
  if (schema.type === 'string') return text.trim()
  if (schema.type === 'integer' || schema.type === 'number') {
    return Number.isNaN(Number(text)) ? text : Number(text)
  }
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
