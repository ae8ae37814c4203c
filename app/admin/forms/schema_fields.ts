import type { ParameterSchema, ReferenceRule } from '#core/plugins/define_plugin'
import type { FieldProblem } from '#app/admin/forms/field_problem'

/** A parameter of a model as a form asks for it. */
export interface SchemaField {
  name: string
  label: string
  hint: string | null
  control: 'text' | 'textarea' | 'select' | 'number' | 'checkbox' | 'file' | 'json'
  required: boolean
  value: string
  options: string[]
  /** Values that are usual, where others are legal too. */
  suggestions: string[]
  /** What the browser checks by itself. */
  rules: { min?: number; max?: number; step?: number | 'any'; maxlength?: number; accept?: string }
  error: string | null
}

interface Form {
  parameters: ParameterSchema
  references: Record<string, ReferenceRule>
  values: Record<string, unknown>
  problem?: FieldProblem
}

/** Text longer than this wants more than a line. */
const LINE = 200

export function schemaFields({ parameters, references, values, problem }: Form): SchemaField[] {
  return Object.entries(parameters.properties).map(([name, schema]) => {
    const reference = references[name]
    // A list of files is written as a list of their ids.
    const control = reference && schema.type !== 'array' ? 'file' : controlOf(schema)
    return {
      name,
      control,
      label: String(schema.title ?? wordsOf(name)),
      hint: schema.description ? String(schema.description) : null,
      required: parameters.required?.includes(name) ?? false,
      value: textOf(values[name] ?? schema.default),
      options: ((schema.enum as unknown[]) ?? []).map(String),
      suggestions: schema.enum ? [] : ((schema.examples as unknown[]) ?? []).map(String),
      rules: rulesOf(schema, reference),
      error: problem?.field === name ? problem.message : null,
    }
  })
}

function controlOf(schema: Record<string, unknown>): SchemaField['control'] {
  if (schema.enum) return 'select'
  switch (schema.type) {
    case 'boolean':
      return 'checkbox'
    case 'integer':
    case 'number':
      return 'number'
    case 'string':
      return Number(schema.maxLength ?? 0) > LINE ? 'textarea' : 'text'
    default:
      return 'json'
  }
}

function rulesOf(schema: Record<string, unknown>, reference?: ReferenceRule): SchemaField['rules'] {
  if (reference) return { accept: reference.mime.join(',') }
  const whole = schema.type === 'integer'
  return withoutUndefined({
    min: schema.minimum as number | undefined,
    max: schema.maximum as number | undefined,
    step: whole ? 1 : schema.type === 'number' ? 'any' : undefined,
    maxlength: schema.maxLength as number | undefined,
  })
}

function withoutUndefined<Rules extends object>(rules: Rules): Rules {
  return Object.fromEntries(Object.entries(rules).filter(([, rule]) => rule !== undefined)) as Rules
}

function textOf(value: unknown): string {
  if (value === undefined || value === null) return ''
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

function wordsOf(name: string): string {
  const words = name.replaceAll('_', ' ')
  return words.charAt(0).toUpperCase() + words.slice(1)
}
