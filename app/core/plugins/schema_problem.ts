import type { ParameterSchema } from './define_plugin.js'

const TYPES = ['string', 'integer', 'number', 'boolean', 'array', 'object']

/** What a parameter may be described with. Others would be passed over in forms, prices or checks. */
const KEYWORDS = [
  ...['type', 'title', 'description', 'default', 'examples', 'enum', 'const'],
  ...['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf'],
  ...['minLength', 'maxLength', 'pattern', 'format'],
  ...['items', 'minItems', 'maxItems', 'uniqueItems'],
  ...['properties', 'required', 'additionalProperties', 'anyOf', 'oneOf'],
]

type Schema = Record<string, unknown>

interface SchemaProblem {
  /** Below the schema: `.properties.size.default`. */
  at: string
  mend: string
}

/** The first thing that is wrong with a model's parameters, or `null`. */
export function schemaProblem({
  type,
  properties,
  required = [],
  additionalProperties,
}: ParameterSchema): SchemaProblem | null {
  if (type !== 'object') return { at: '.type', mend: 'an input is an object.' }
  if (additionalProperties !== false) {
    return { at: '.additionalProperties', mend: 'write false: a field nobody knows is a mistake.' }
  }
  const unknown = required.find((name) => !(name in properties))
  if (unknown) return { at: '.required', mend: `"${unknown}" is not one of its parameters.` }
  for (const [name, schema] of Object.entries(properties)) {
    const problem = parameterProblem(schema)
    if (problem) return { ...problem, at: `.properties.${name}${problem.at}` }
  }
  return null
}

function parameterProblem(schema: Schema): SchemaProblem | null {
  const stranger = Object.keys(schema).find((keyword) => !KEYWORDS.includes(keyword))
  if (stranger) return { at: `.${stranger}`, mend: 'there is no such keyword here.' }
  const isChoice = 'enum' in schema || 'const' in schema || 'anyOf' in schema || 'oneOf' in schema
  if (schema.type === undefined ? !isChoice : !TYPES.includes(String(schema.type))) {
    return { at: '.type', mend: `it is one of ${TYPES.join(', ')}.` }
  }
  if ('enum' in schema && !(Array.isArray(schema.enum) && schema.enum.length > 0)) {
    return { at: '.enum', mend: 'list at least one value.' }
  }
  for (const [low, high] of BOUNDS) {
    if (Number(schema[low]) > Number(schema[high])) {
      return { at: `.${low}`, mend: `it is above "${high}".` }
    }
  }
  if (schema.pattern !== undefined && !isPattern(schema.pattern)) {
    return { at: '.pattern', mend: 'it is no regular expression.' }
  }
  return schema.default === undefined || isTaken(schema, schema.default)
    ? null
    : { at: '.default', mend: `${JSON.stringify(schema.default)} is none of its own values.` }
}

const BOUNDS = [
  ['minimum', 'maximum'],
  ['minLength', 'maxLength'],
  ['minItems', 'maxItems'],
]

function isPattern(pattern: unknown): boolean {
  try {
    new RegExp(String(pattern), 'u')
    return true
  } catch {
    return false
  }
}

/** As far as it can be told of a plain value; lists and objects are read when they come. */
function isTaken(schema: Schema, value: unknown): boolean {
  if (Array.isArray(schema.enum)) return schema.enum.includes(value)
  switch (schema.type) {
    case 'boolean':
      return typeof value === 'boolean'
    case 'integer':
    case 'number': {
      const { minimum = -Infinity, maximum = Infinity } = schema as Record<string, number>
      const isKind = schema.type === 'number' ? Number.isFinite(value) : Number.isInteger(value)
      return isKind && (value as number) >= minimum && (value as number) <= maximum
    }
    case 'string':
      return (
        typeof value === 'string' &&
        (schema.pattern === undefined || new RegExp(String(schema.pattern), 'u').test(value))
      )
    default:
      return true
  }
}
