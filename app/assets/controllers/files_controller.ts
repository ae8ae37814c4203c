import type { HttpContext } from '@adonisjs/core/http'
import { ApiProblem } from '#app/exceptions/api_problem'
import { byteRange } from '#app/assets/byte_range'
import { FileStore } from '#app/assets/file_store'
import { urlProblem } from '#app/assets/problems'
import { judgeSignedUrl } from '#app/assets/signed_url'

/** What is told with every file, so that a file is looked at and never run. */
const HEADERS = {
  'Accept-Ranges': 'bytes',
  'Access-Control-Allow-Origin': '*',
  'Access-Control-Expose-Headers': 'Accept-Ranges, Content-Length, Content-Range, ETag',
  'Content-Security-Policy': "sandbox; default-src 'none'",
  'Cross-Origin-Resource-Policy': 'cross-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
}

export default class FilesController {
  async show({ request, response, params }: HttpContext) {
    for (const [name, value] of Object.entries(HEADERS)) response.header(name, value)
    const key = { accountId: params.org, sha256: params.sha256 }
    const query = new URLSearchParams(request.parsedUrl.query ?? '')
    const verdict = judgeSignedUrl(key, query)
    if (verdict !== 'valid') throw urlProblem(verdict, 'GET /v1/assets/:id gives a new one.')
    const store = new FileStore()
    const size = await store.size(key)
    if (size === null) throw fileGone()

    const etag = `"${key.sha256}"`
    const contentType = query.get('type')!
    const range = wantedRange(request, etag, size)
    if (range === 'unsatisfiable') throw rangeProblem(size)

    const secondsLeft = Math.floor(Number(query.get('expires')) - Date.now() / 1000)
    response.header('ETag', etag)
    response.header('Cache-Control', `private, max-age=${secondsLeft}, immutable`)
    if (isKnown(request.header('if-none-match'), etag)) return response.status(304)
    response.header('Content-Type', contentType)
    response.header('Content-Disposition', `inline; filename="${nameOf(key.sha256, contentType)}"`)

    if (range === 'whole') response.header('Content-Length', size).status(200)
    else {
      response.header('Content-Range', `bytes ${range.start}-${range.end}/${size}`)
      response.header('Content-Length', range.end - range.start + 1).status(206)
    }
    if (request.method() === 'HEAD') return
    response.stream(await store.stream(key, range === 'whole' ? undefined : range))
  }
}

/** Whether the reader has the file. Also for one who wants no cache to answer: we are the origin. */
function isKnown(tags: string | undefined, etag: string): boolean {
  const known = (tags ?? '').split(',').map((tag) => tag.trim().replace(/^W\//, ''))
  return known.includes(etag) || known.includes('*')
}

/** A range is meant for GET (RFC 9110, 14.2), and only as long as the file is the one it began with. */
function wantedRange(request: HttpContext['request'], etag: string, size: number) {
  const condition = request.header('if-range')
  const stale = condition !== undefined && condition !== etag
  return request.method() === 'HEAD' || stale ? 'whole' : byteRange(request.header('range'), size)
}

function nameOf(sha256: string, contentType: string): string {
  const extension = contentType.split('/')[1].replace(/\W.*$/, '')
  return `${sha256.slice(0, 16)}.${extension === 'jpeg' ? 'jpg' : extension}`
}

function rangeProblem(size: number) {
  return new ApiProblem({
    status: 416,
    type: 'invalid_request_error',
    code: 'range_not_satisfiable',
    message: `The file has ${size} bytes. Ask for a range that begins within it.`,
    headers: { 'Content-Range': `bytes */${size}` },
  })
}

function fileGone() {
  return new ApiProblem({
    status: 404,
    type: 'invalid_request_error',
    code: 'asset_not_found',
    message: 'The file was deleted.',
  })
}
