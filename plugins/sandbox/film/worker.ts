import { parentPort } from 'node:worker_threads'
import { drawFilm, type FilmOrder } from './film.js'

export interface FilmReply {
  id: number
  bytes?: Uint8Array
  /** Set when it failed. */
  error?: string
}

// One film after the other: the encoder's files are shared by all its instances.
let queue = Promise.resolve()

parentPort!.on('message', ({ id, order }: { id: number; order: FilmOrder }) => {
  queue = queue.then(async () => {
    const reply = await drawFilm(order).then(
      (bytes): FilmReply => ({ id, bytes }),
      (error): FilmReply => ({ id, error: String(error) })
    )
    parentPort!.postMessage(reply, reply.bytes ? [reply.bytes.buffer as ArrayBuffer] : [])
  })
})
