import { ApiProblem } from '#app/exceptions/api_problem'

const STATUS: Record<string, number> = {
  file_too_large: 413,
  slot_used: 409,
  slot_gone: 404,
  id_taken: 409,
}

/** Why a file is not kept, as the API words it. */
export function refusalProblem(refusal: { type: string; message: string }, param?: string) {
  const { type, message, ...facts } = refusal
  return new ApiProblem({
    status: STATUS[type] ?? 422,
    type: 'invalid_request_error',
    code: type,
    message,
    param,
    facts: Object.fromEntries(Object.entries(facts).map(([name, value]) => [snake(name), value])),
  })
}

export function assetMissing(id: string) {
  return new ApiProblem({
    status: 404,
    type: 'invalid_request_error',
    code: 'asset_not_found',
    message: `There is no asset ${id} in this organisation.`,
  })
}

export function bodyInvalid() {
  return new ApiProblem({
    status: 422,
    type: 'invalid_request_error',
    code: 'invalid_body',
    message:
      'Send the file as multipart/form-data in the field "file", or JSON { "content_type", "bytes" }.',
  })
}

export function fileMissing() {
  return new ApiProblem({
    status: 422,
    type: 'invalid_request_error',
    code: 'missing_field',
    param: '/file',
    message: 'The form has no file. Send it in the field "file", with a file name.',
  })
}

/** The URL itself is the right, and this one gives none. */
export function urlProblem(verdict: 'expired' | 'forged', mend: string) {
  return new ApiProblem({
    status: 403,
    type: 'permission_error',
    code: `url_${verdict}`,
    message:
      verdict === 'expired'
        ? `This URL has expired. ${mend}`
        : `This URL was not signed here, or it was altered. Use it exactly as it was given. ${mend}`,
  })
}

function snake(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}
