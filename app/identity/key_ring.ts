import { hashKey, KEY_PATTERN } from './api_key.js'
import type { Caller } from './caller.js'
import { keyHolderQuery } from './queries/key_holder_query.js'
import { touchApiKeys } from './actions/touch_api_keys.js'

const REMEMBERED = 10_000
const FLUSH_MS = 10_000
/** How long a revoked key may still have its input read and its references fetched. */
const MEMORY_MS = 60_000

/**
 * The callers this process has seen lately, so that a busy key costs no query. What it
 * remembers may be revoked since: only a route whose own database call looks at the key
 * again may take the answer from memory.
 */
class KeyRing {
  readonly #callers = new Map<string, { caller: Caller; until: number }>()
  readonly #used = new Set<string>()
  #timer: NodeJS.Timeout | null = null

  async holder(text: string, { fromMemory }: { fromMemory: boolean }): Promise<Caller | null> {
    if (!KEY_PATTERN.test(text)) return null
    const id = hashKey(text).toString('base64')
    const remembered = fromMemory ? this.#recall(id) : undefined
    const caller = remembered ?? (await keyHolderQuery(text))
    if (!caller) {
      this.#callers.delete(id)
      return null
    }
    if (!remembered) this.#remember(id, caller)
    this.#touch(caller.keyId!)
    return caller
  }

  /** For whoever learned that a key is revoked: the next call asks again. */
  forget(keyId: string) {
    for (const [id, { caller }] of this.#callers) {
      if (caller.keyId === keyId) this.#callers.delete(id)
    }
  }

  /** Writes when keys were last used. Batched: a write per call would cost more than the call. */
  async flush() {
    if (this.#timer) clearTimeout(this.#timer)
    this.#timer = null
    const keys = [...this.#used]
    this.#used.clear()
    if (keys.length > 0) await touchApiKeys(keys)
  }

  #remember(id: string, caller: Caller) {
    if (this.#callers.size >= REMEMBERED) this.#callers.delete(this.#callers.keys().next().value!)
    this.#callers.set(id, { caller, until: Date.now() + MEMORY_MS })
  }

  #recall(id: string): Caller | undefined {
    const known = this.#callers.get(id)
    return known && Date.now() < known.until ? known.caller : undefined
  }

  #touch(keyId: string) {
    this.#used.add(keyId)
    // A lost time of last use is no loss worth a crash.
    this.#timer ??= setTimeout(() => this.flush().catch(() => {}), FLUSH_MS).unref()
  }
}

export const keyRing = new KeyRing()
