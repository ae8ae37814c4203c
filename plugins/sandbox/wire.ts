/** What the sandbox's vendor would say on the wire, if there were one. */

export interface WireOrder {
  /** The client's own name for the order. */
  reference: string
  /** Which try of the client's this is, from 1. */
  try: number
  kind: 'image' | 'film'
  text: string
  width: number
  height: number
  seed: number
  count: number
  /** Of a film; 0 for images. */
  seconds: number
  format: 'png' | 'jpeg' | 'webp'
  mime: string
}

/** Times are milliseconds since 1970. */
export interface WireTask {
  task: string
  state: 'running'
  accepted_at: number
  ready_at: number
  /** 0–1, when looked at. */
  progress?: number
}

export interface WireItem {
  mime: string
  width: number
  height: number
  seed: number
  data: Uint8Array
}

export interface WireFinished {
  task: string
  state: 'finished'
  items: WireItem[]
  metered: { items: number; pixels: number; seconds: number }
}

export type RefusalCode =
  | 'overloaded'
  | 'too_many_requests'
  | 'content_refused'
  | 'output_withheld'
  | 'task_failed'
  | 'result_gone'
  | 'connection_lost'
  | 'task_canceled'
  | 'nothing_made'

/** An answer that is not a work, as the vendor's client would throw it. */
export class SandboxRefusal extends Error {
  readonly body: { error: { code: RefusalCode; retry_after_ms?: number } }

  constructor(code: RefusalCode, { retryAfterMs }: { retryAfterMs?: number } = {}) {
    super(`The sandbox answered "${code}".`)
    this.name = 'SandboxRefusal'
    this.body = { error: { code, retry_after_ms: retryAfterMs } }
  }
}
