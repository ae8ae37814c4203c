import type { IncomingMessage } from 'node:http'
import { Exception } from '@adonisjs/core/exceptions'

/** The body as it came: a signature is made of its bytes. At most `limit` of them. */
export async function readRawBody(request: IncomingMessage, limit: number): Promise<Uint8Array> {
  const chunks: Buffer[] = []
  let size = 0
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      size += chunk.length
      // What still comes is let by, so that the connection can carry the answer.
      if (size <= limit) chunks.push(chunk)
      else chunks.length = 0
    }
  } catch {
    throw new Exception('The connection ended before the body did.', {
      status: 400,
      code: 'E_REQUEST_ABORTED',
    })
  }
  if (size <= limit) return Buffer.concat(chunks, size)
  throw new Exception(`The body is too large. A callback may have ${limit} bytes.`, {
    status: 413,
    code: 'E_CALLBACK_TOO_LARGE',
  })
}
