import { ApiProblem } from '#app/exceptions/api_problem'

/** Whatever is deeper was never meant, and ends on somebody's stack. */
const DEEPEST = 32

const OBJECT_OR_LIST = /^[ \t\n\r]*[[{]/

interface Flaw {
  code: string
  /** A JSON pointer. */
  param: string
  message: string
}

/** The body that a text of JSON says; nothing says an empty one. Throws what is wrong with it. */
export function readJson(text: string): object {
  if (text === '') return {}
  const body = parse(text)
  const flaw = flawOf(body, 1)
  if (flaw) throw new ApiProblem({ status: 422, type: 'invalid_request_error', ...flaw })
  return body
}

function parse(text: string): object {
  if (!OBJECT_OR_LIST.test(text)) throw malformed('it is no object or list')
  try {
    return JSON.parse(text)
  } catch (error) {
    throw malformed((error as SyntaxError).message)
  }
}

function malformed(reason: string) {
  return new ApiProblem({
    status: 400,
    type: 'invalid_request_error',
    code: 'malformed_json',
    message: `The body is not valid JSON: ${reason}. Check quotes and commas.`,
  })
}

function flawOf(value: unknown, depth: number): Flaw | null {
  if (value === null || typeof value !== 'object') return null
  if (depth > DEEPEST) {
    const message = `The body is nested more than ${DEEPEST} levels deep. Send it flatter.`
    return { code: 'invalid_parameter', param: '', message }
  }
  if (Object.hasOwn(value, '__proto__')) {
    const message = '"__proto__" is not a field here. Leave it out.'
    return { code: 'unknown_field', param: '/__proto__', message }
  }
  for (const [name, part] of Object.entries(value)) {
    const flaw = flawOf(part, depth + 1)
    if (flaw) return flaw.param ? { ...flaw, param: `/${escaped(name)}${flaw.param}` } : flaw
  }
  return null
}

/** As a step of a JSON pointer (RFC 6901). */
function escaped(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1')
}
