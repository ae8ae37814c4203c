import { setTimeout as wait } from 'node:timers/promises'
import { inject } from '@adonisjs/core'
import { Logger } from '@adonisjs/core/logger'

const FIRST_MS = 100
const CEILING_MS = 5_000

/**
 * Takes a step that needs nothing but our own database and files, again and again while they are
 * away. That they are is no fault of the provider and costs no attempt; and what was delivered, and
 * is to be paid for, is not thrown away for it. The worker has nothing better to do meanwhile: other
 * work could not be stored either.
 */
@inject()
export class Patience {
  constructor(private readonly logger: Logger) {}

  /** A step must be safe to repeat. Ends with the signal, and with every other fault at once. */
  async until<Result>(signal: AbortSignal, step: () => Promise<Result>): Promise<Result> {
    for (let pause = FIRST_MS; ; pause = Math.min(CEILING_MS, pause * 2)) {
      try {
        return await step()
      } catch (error) {
        if (!isAway(error)) throw error
        this.logger.warn({ err: error }, 'our own database or files are away; an attempt waits')
      }
      await wait(pause, undefined, { signal })
    }
  }
}

/** SQLSTATEs of a server that is gone, going, starting, full, standing by, or that chose a victim. */
const DATABASE = /^(08...|53...|57...|58...|25006|40001|40P01)$/
const NETWORK = /^(ECONN\w+|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH)$/
const DISK = /^(ENOSPC|EDQUOT|EIO|EROFS|EMFILE|ENFILE|EBUSY|ESTALE|EACCES|EPERM)$/
const STORE = /^E_CANNOT_(WRITE_FILE|CHECK_FILE_EXISTENCE)$/
/** What the drivers of the database say without a code. */
const WORDS = /^(Connection terminated|Client (has encountered|was closed)|timeout exceeded)/
const FULL_POOL = 'KnexTimeoutError'

interface Told {
  code?: unknown
  name?: unknown
  message?: unknown
  cause?: unknown
}

/** Whether a fault of our own database or files is one that time mends. */
export function isAway(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false
  const { code, name, message, cause } = error as Told
  const known = [DATABASE, NETWORK, DISK, STORE].some((codes) => codes.test(String(code)))
  return known || name === FULL_POOL || WORDS.test(String(message)) || isAway(cause)
}
