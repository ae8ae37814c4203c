import type { RequestText } from './load/connection.js'

/** An order to the sandbox, which finishes it at once when it is asked to. */
export function generationRequest(key: string): RequestText {
  return {
    path: '/v1/generations',
    headers: { Authorization: `Bearer ${key}` },
    body: JSON.stringify({
      model: 'sandbox/image',
      input: { prompt: 'a quiet valley at dusk', aspect_ratio: '16:9', n: 1, seed: 7 },
    }),
  }
}
