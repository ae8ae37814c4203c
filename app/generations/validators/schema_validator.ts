import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js'

/** One thing that is wrong with a request, named by a JSON pointer. */
export interface Problem {
  code: 'unknown_field' | 'missing_field' | 'invalid_parameter'
  param: string
  message: string
}

const ajv = new Ajv2020({ useDefaults: true, allErrors: false, verbose: true, strict: false })
const compiled = new WeakMap<object, ValidateFunction>()

/**
 * Checks a value against a JSON Schema, filling in its defaults in place. Answers the
 * first thing that is wrong, or `null`.
 */
export function check(schema: object, value: unknown, at: string): Problem | null {
  const known = compiled.get(schema)
  const validate = known ?? ajv.compile(schema)
  if (!known) compiled.set(schema, validate)
  if (!validate(value)) return problemOf(validate.errors![0], at)
  return isKeepable(value) ? null : unkeepable(value, at)
}

/** Whether every text in it is one that a database keeps. Most are, so where one is not is only asked then. */
function isKeepable(value: unknown): boolean {
  if (typeof value === 'string') return value.isWellFormed() && !value.includes('\0')
  if (value === null || typeof value !== 'object') return true
  return Object.entries(value).every(([key, part]) => isKeepable(key) && isKeepable(part))
}

/** A text that JSON can carry and no database keeps: with U+0000, or with half of a pair. */
function unkeepable(value: unknown, at: string): Problem | null {
  if (typeof value === 'string') {
    if (isKeepable(value)) return null
    return invalid(at, `"${nameAt(at)}" holds a character that is no text. Send plain Unicode.`)
  }
  if (value === null || typeof value !== 'object') return null
  for (const [key, part] of Object.entries(value)) {
    const problem = unkeepable(key, at) ?? unkeepable(part, `${at}/${escaped(key)}`)
    if (problem) return problem
  }
  return null
}

function problemOf(error: ErrorObject, at: string): Problem {
  const where = at + error.instancePath
  const name = nameAt(where)
  switch (error.keyword) {
    case 'additionalProperties': {
      const field = error.params.additionalProperty
      const known = Object.keys((error.parentSchema as { properties?: object }).properties ?? {})
      return {
        code: 'unknown_field',
        param: `${where}/${escaped(field)}`,
        message: `"${field}" is not a field here. Known fields: ${known.join(', ')}.`,
      }
    }
    case 'required': {
      const field = error.params.missingProperty
      return {
        code: 'missing_field',
        param: `${where}/${escaped(field)}`,
        message: `"${field}" is required.`,
      }
    }
    case 'enum':
      return invalid(where, `"${name}" must be one of: ${error.params.allowedValues.join(', ')}.`)
    case 'anyOf':
    case 'oneOf':
      return invalid(where, `"${name}" ${describe(error)}.`)
    case 'pattern':
      return invalid(where, `"${name}" ${describe(error)}.`)
    default:
      return invalid(where, `"${name}" ${error.message}.`)
  }
}

/** As a step of a JSON pointer (RFC 6901). */
function escaped(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1')
}

function nameAt(pointer: string): string {
  const step = pointer.split('/').pop() || 'body'
  return step.replaceAll('~1', '/').replaceAll('~0', '~')
}

/** A schema may say in words what its rule means. */
function describe(error: ErrorObject): string {
  const { description } = (error.parentSchema ?? {}) as { description?: string }
  return description ? `is not valid: ${description.replace(/\.$/, '')}` : error.message!
}

function invalid(param: string, message: string): Problem {
  return { code: 'invalid_parameter', param, message }
}
