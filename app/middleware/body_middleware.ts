import type { IncomingMessage } from 'node:http'
import type { Readable } from 'node:stream'
import { createBrotliDecompress, createUnzip } from 'node:zlib'
import type BodyParserMiddleware from '@adonisjs/core/bodyparser_middleware'
import { Exception } from '@adonisjs/core/exceptions'
import type { HttpContext } from '@adonisjs/core/http'
import type { NextFn } from '@adonisjs/core/types/http'
import { readJson } from './json_body.js'

const METHODS = new Set(['POST', 'PUT', 'PATCH', 'DELETE'])

type Unpack = (request: IncomingMessage) => Readable

/** By `Content-Encoding`. */
const UNPACK = new Map<string, Unpack>([
  ['identity', (request) => request],
  ['gzip', (request) => request.pipe(createUnzip())],
  ['deflate', (request) => request.pipe(createUnzip())],
  ['br', (request) => request.pipe(createBrotliDecompress())],
])

/**
 * Reads the body of a request. Forms and files are the framework's; JSON is read here, which is
 * cheaper and refuses what the framework's parser drops in silence or breaks on.
 */
export default class BodyMiddleware {
  /** `limit` is the most bytes that JSON may have, sent and unpacked; `limits` those of routes with an own one; `unread`: routes that read theirs as it comes. */
  constructor(
    private readonly others: BodyParserMiddleware,
    private readonly limit: number,
    private readonly limits: ReadonlyMap<string, number> = new Map(),
    private readonly unread: ReadonlySet<string> = new Set()
  ) {}

  async handle(ctx: HttpContext, next: NextFn) {
    const { request } = ctx.request
    const pattern = ctx.route?.pattern ?? ''
    if (this.unread.has(pattern)) return next()
    const unpack = UNPACK.get(request.headers['content-encoding'] ?? 'identity')
    if (!unpack || !METHODS.has(request.method!) || !isJson(request)) {
      return this.others.handle(ctx, next)
    }
    const limit = this.limits.get(pattern) ?? this.limit
    const text = await this.#read(request, unpack, limit)
    ctx.request.updateBody(readJson(text))
    ctx.request.updateRawBody(text)
    ctx.request.bodyType = 'json'
    return next()
  }

  #read(request: IncomingMessage, unpack: Unpack, limit: number) {
    return new Promise<string>((resolve, reject) => {
      if (Number(request.headers['content-length']) > limit) throw tooLarge()
      request.on('error', () => reject(aborted()))
      const body = unpack(request)
      const chunks: Buffer[] = []
      let size = 0
      body.on('data', (chunk: Buffer) => {
        size += chunk.length
        if (size <= limit) return chunks.push(chunk)
        // What still comes is let by, so that the connection can carry the answer, but not unpacked.
        if (body !== request) body.destroy()
        request.resume()
        return reject(tooLarge())
      })
      body.on('error', reject)
      body.on('end', () => resolve(textOf(chunks)))
    })
  }
}

function isJson({ headers }: IncomingMessage): boolean {
  const type = headers['content-type']
  return type === 'application/json' || /^application\/json\s*(;|$)/i.test(type ?? '')
}

/** Without the mark that some editors begin a file with. */
function textOf(chunks: Buffer[]): string {
  const text = (chunks.length === 1 ? chunks[0] : Buffer.concat(chunks)).toString()
  return text.startsWith('\uFEFF') ? text.slice(1) : text
}

function tooLarge() {
  return new Exception('The body is too large.', {
    status: 413,
    code: 'E_REQUEST_ENTITY_TOO_LARGE',
  })
}

function aborted() {
  return new Exception('The connection ended before the body did.', {
    status: 400,
    code: 'E_REQUEST_ABORTED',
  })
}
