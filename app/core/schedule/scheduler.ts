/** Something to do again and again, by one process at a time. Doing it once more must be harmless. */
export interface Chore {
  name: string
  /** What it is for, for people. */
  about: string
  everyMs: number
  run(): Promise<void>
}

export interface ChoreRun {
  name: string
  beganAt: Date
  /** `null` while it runs, or where its process died. */
  endedAt: Date | null
  /** Why it broke. */
  error: string | null
  /** When it is due again. */
  dueAt: Date
}

/**
 * `ran`; `early` when its time has not come; `elsewhere` when another process is at it.
 * A run that broke throws what broke it.
 */
export type Turn = 'ran' | 'early' | 'elsewhere'

/**
 * Turns between processes, which remember when a chore ran last. It is due when that is `everyMs` ago;
 * sooner where the last run broke or its process died, at once in the latter case. Time that nobody
 * was there for is one turn, not many.
 */
export abstract class Turns {
  /** The names of those that are due. */
  abstract due(chores: Chore[]): Promise<string[]>

  /** Runs a chore unless it is not due (where `early` is not allowed) or another process runs it. */
  abstract take(chore: Chore, options?: { early?: boolean }): Promise<Turn>

  /** The last run of each chore that ever ran. */
  abstract runs(chores: Chore[]): Promise<ChoreRun[]>
}

interface Parts {
  turns: Turns
  chores: Chore[]
  logger: { error(facts: object, message: string): void }
  /** How often to look for what is due. */
  lookEveryMs: number
  /** How many chores this process runs at once: each keeps a connection, and needs others for its work. */
  atOnce: number
}

/** Runs chores by the clock: at once what was missed while nobody was there, then what falls due. */
export class Scheduler {
  readonly #parts: Parts
  #timer: NodeJS.Timeout | null = null
  #looking: Promise<void> | null = null
  readonly #running = new Map<string, Promise<void>>()
  /** Whether something due has found no place. */
  #isShort = false
  #stopping = false

  constructor(parts: Parts) {
    this.#parts = parts
  }

  start() {
    this.#timer = setInterval(() => this.#look(), this.#parts.lookEveryMs).unref()
    this.#look()
  }

  /** Begins nothing more, and waits for what has begun. */
  async stop() {
    this.#stopping = true
    if (this.#timer) clearInterval(this.#timer)
    await this.#looking
    await Promise.all(this.#running.values())
  }

  #look() {
    const { turns, chores, logger } = this.#parts
    this.#looking ??= turns
      .due(chores)
      .then((due) => {
        this.#isShort = false
        for (const chore of chores) if (due.includes(chore.name)) this.#begin(chore)
      })
      .catch((error) => logger.error({ err: error }, 'what is due could not be looked for'))
      .finally(() => {
        this.#looking = null
      })
  }

  /** Beside the others, as far as there is a place. */
  #begin(chore: Chore) {
    const { turns, logger, atOnce } = this.#parts
    if (this.#running.has(chore.name)) return
    if (this.#running.size >= atOnce) {
      this.#isShort = true
      return
    }
    const turn = turns
      .take(chore)
      .then(() => {})
      .catch((error) =>
        logger.error({ err: error, chore: chore.name }, 'a chore failed; it comes again')
      )
      .finally(() => {
        this.#running.delete(chore.name)
        if (this.#isShort && !this.#stopping) this.#look()
      })
    this.#running.set(chore.name, turn)
  }
}
