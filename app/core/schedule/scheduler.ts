/** Something to do again and again, by one process at a time. Doing it once more must be harmless. */
export interface Chore {
  name: string
  everyMs: number
  run(): Promise<void>
}

/** Turns between processes. */
export abstract class Turns {
  /**
   * Runs `task` while no other process runs one of that name; `false` when one does. A process that
   * dies loses its turn at once.
   */
  abstract take(name: string, task: () => Promise<void>): Promise<boolean>
}

interface Parts {
  turns: Turns
  chores: Chore[]
  logger: { error(facts: object, message: string): void }
}

/**
 * Runs chores by the clock. Each also runs when a process starts, so that what was missed while
 * none was there is caught up with once.
 */
export class Scheduler {
  readonly #parts: Parts
  readonly #timers: NodeJS.Timeout[] = []
  readonly #running = new Set<Promise<void>>()

  constructor(parts: Parts) {
    this.#parts = parts
  }

  start() {
    for (const chore of this.#parts.chores) {
      this.#begin(chore)
      this.#timers.push(setInterval(() => this.#begin(chore), chore.everyMs).unref())
    }
  }

  /** Begins nothing more, and waits for what has begun. */
  async stop() {
    this.#timers.forEach(clearInterval)
    await Promise.all(this.#running)
  }

  #begin({ name, run }: Chore) {
    const { turns, logger } = this.#parts
    const turn: Promise<void> = turns
      .take(name, run)
      .then(() => {})
      .catch((error) => logger.error({ err: error, chore: name }, 'a chore failed; it comes again'))
      .finally(() => this.#running.delete(turn))
    this.#running.add(turn)
  }
}
