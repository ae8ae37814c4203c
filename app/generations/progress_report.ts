type Write = (fraction: number, detail?: Record<string, unknown>) => Promise<void>

/** How many reports may wait for the database before new ones are dropped. */
const LONGEST_QUEUE = 64

/** Writes the progress of one attempt, in order, without making the provider wait. */
export class ProgressReport {
  #last: Promise<void> = Promise.resolve()
  #waiting = 0

  constructor(private readonly write: Write) {}

  tell(fraction: number, detail?: Record<string, unknown>) {
    if (this.#waiting >= LONGEST_QUEUE) return
    this.#waiting++
    const bounded = Math.round(Math.min(1, Math.max(0, fraction)) * 1000) / 1000
    this.#last = this.#last
      .then(() => this.write(bounded, detail))
      // A report that is lost costs a line of the story, not the work.
      .catch(() => {})
      .finally(() => this.#waiting--)
  }

  /** Once everything told so far is written. */
  settled(): Promise<void> {
    return this.#last
  }
}
