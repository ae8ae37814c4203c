import type { IncomingMessage } from 'node:http'
import type { Readable } from 'node:stream'
import type { HttpRequest } from '@adonisjs/core/http'
import type { MultipartStream } from '@adonisjs/core/types/bodyparser'
import { UploadAborted } from './errors.js'
import { TemporaryFile, type Received } from './temporary_file.js'

/** What a multipart body may have around its file. */
const WRAPPING = 64 * 1024
/** How much of a refused body is read and forgotten, so that its sender gets to see the answer. */
const FORGIVEN_BYTES = 32 * 1024 * 1024
const FORGIVEN_MS = 10_000

export type IncomingFile = (Received & { declaredType?: string }) | { ok: false; reason: 'missing' }

/** The body of a request, as a file. */
export async function receiveBody({ request }: HttpRequest, maxBytes: number): Promise<Received> {
  if (announced(request) > maxBytes) return overflow(request)
  try {
    const received = await TemporaryFile.receive(request, maxBytes)
    return received.ok ? received : overflow(request)
  } catch (error) {
    throw isGone(request) ? new UploadAborted() : error
  }
}

/** The part `field` of a multipart body, as a file. Of several the first counts. */
export async function receivePart(
  { request, multipart }: HttpRequest,
  { field, maxBytes }: { field: string; maxBytes: number }
): Promise<IncomingFile> {
  if (announced(request) > maxBytes + WRAPPING) return overflow(request)
  let part: MultipartStream | undefined
  let receiving: Promise<Received> | undefined
  multipart.onFile(field, { deferValidations: true }, async (candidate) => {
    if (part) {
      candidate.resume()
      return
    }
    part = candidate
    receiving = TemporaryFile.receive(part, maxBytes)
    const { ok } = await receiving
    if (!ok) multipart.abort(new TooMuch())
  })
  listenToParts(request)
  // Parts nobody asked for count as well: else a body of them would be read to its end, however long.
  limit(request, maxBytes + WRAPPING, () => multipart.abort(new TooMuch()))
  try {
    await multipart.process()
    return part
      ? { ...(await receiving!), declaredType: part.headers['content-type'] }
      : { ok: false, reason: 'missing' }
  } catch (error) {
    part?.destroy()
    const received = await receiving?.catch(() => null)
    if (received?.ok) await received.file.remove()
    if (error instanceof TooMuch) return overflow(request)
    throw isGone(request) ? new UploadAborted() : error
  }
}

class TooMuch extends Error {}

/**
 * A form that breaks off tells its open part so by an event, and an error event that nobody
 * hears ends the process. The body parser (11.0.4) listens only to parts with a handler and
 * a file name, and gives no way to reach the others, so they are met where they are made.
 */
function listenToParts(request: IncomingMessage) {
  const { pipe } = request
  request.pipe = (form, options) => {
    form.on('part', (part: Readable) => part.on('error', (error) => part.destroy(error)))
    return pipe.call(request, form, options) as typeof form
  }
}

function isGone(request: IncomingMessage): boolean {
  return request.destroyed && !request.complete
}

function announced(request: IncomingMessage): number {
  return Number(request.headers['content-length'] ?? 0)
}

function limit(request: IncomingMessage, maxBytes: number, exceed: () => void) {
  let bytes = 0
  const count = (chunk: Uint8Array) => {
    bytes += chunk.length
    if (bytes <= maxBytes) return
    request.off('data', count)
    exceed()
  }
  request.on('data', count)
}

/**
 * A sender that is still sending when the connection closes never sees why. So the rest
 * is read and forgotten for a while, and only then is the line cut.
 */
function overflow(request: IncomingMessage): { ok: false; reason: 'too_large' } {
  const cut = () => request.socket.destroy()
  const timer = setTimeout(cut, FORGIVEN_MS).unref()
  request.once('close', () => clearTimeout(timer))
  limit(request, FORGIVEN_BYTES, cut)
  request.unpipe()
  request.resume()
  return { ok: false, reason: 'too_large' }
}
