import { ApiProblem } from '#app/exceptions/api_problem'
import { declaration } from '#app/assets/inspect_file'

const FIELDS = ['content_type', 'bytes']

/** Reads `{ content_type, bytes }`, or says which part of it is wrong. */
export function readUploadSlotRequest(body: Record<string, unknown>): {
  contentType: string
  bytes: number
} {
  const unknown = Object.keys(body).find((name) => !FIELDS.includes(name))
  if (unknown) {
    throw wrong(
      'unknown_field',
      unknown,
      `"${unknown}" is not a field here. Known fields: ${FIELDS.join(', ')}.`
    )
  }
  const contentType = declaration(
    typeof body.content_type === 'string' ? body.content_type : undefined
  )
  if (!contentType) {
    throw wrong(
      'invalid_parameter',
      'content_type',
      '"content_type" must be the type of the file: "image/png".'
    )
  }
  if (!Number.isSafeInteger(body.bytes) || Number(body.bytes) < 1) {
    throw wrong(
      'invalid_parameter',
      'bytes',
      '"bytes" must be the size of the file, a whole number from 1.'
    )
  }
  return { contentType, bytes: Number(body.bytes) }
}

function wrong(code: string, field: string, message: string) {
  return new ApiProblem({
    status: 422,
    type: 'invalid_request_error',
    code,
    param: `/${field}`,
    message,
  })
}
