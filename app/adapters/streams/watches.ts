/** The followers of one subject, a job or an account, in this process. */
export class Watch {
  readonly #bells = new Set<Bell>()
  readonly #reads = new Map<string, Promise<unknown>>()
  #later: NodeJS.Timeout | null = null

  get isEmpty(): boolean {
    return this.#bells.size === 0
  }

  /** The least that any of them has seen. */
  get slowest(): number {
    let least = Number.POSITIVE_INFINITY
    for (const { seen } of this.#bells) least = Math.min(least, seen)
    return least
  }

  add(bell: Bell) {
    this.#bells.add(bell)
  }

  remove(bell: Bell) {
    this.#bells.delete(bell)
    if (this.isEmpty && this.#later) clearTimeout(this.#later)
  }

  /** Wakes everybody. What is being read now may be too old for them. */
  ring() {
    this.#reads.clear()
    for (const bell of this.#bells) bell.ring()
  }

  /** Wakes everybody in a while, once, however many ask for it. */
  ringIn(ms: number) {
    this.#later ??= setTimeout(() => {
      this.#later = null
      this.ring()
    }, ms)
  }

  /** One read for all who are at the same place at the same time. */
  share<Page>(place: string, read: () => Promise<Page>): Promise<Page> {
    const known = this.#reads.get(place)
    if (known) return known as Promise<Page>
    const reading = read()
    this.#reads.set(place, reading)
    const forget = () => {
      if (this.#reads.get(place) === reading) this.#reads.delete(place)
    }
    reading.then(forget, forget)
    return reading
  }
}

/** All watches of this process by their subject. One without a follower is gone. */
export class Watches {
  readonly #watches = new Map<string, Watch>()

  get subjects(): IterableIterator<string> {
    return this.#watches.keys()
  }

  get isEmpty(): boolean {
    return this.#watches.size === 0
  }

  /** What the slowest follower of each subject has seen. */
  *slowest(): IterableIterator<[subject: string, seen: number]> {
    for (const [subject, watch] of this.#watches) yield [subject, watch.slowest]
  }

  ring(subject: string) {
    this.#watches.get(subject)?.ring()
  }

  /** A follower comes, until it calls `leave`. Its bell rings on an abort as well. */
  enter(subject: string, signal: AbortSignal): { watch: Watch; bell: Bell; leave: () => void } {
    const watch = this.#watches.get(subject) ?? new Watch()
    this.#watches.set(subject, watch)
    const bell = new Bell()
    const ring = () => bell.ring()
    watch.add(bell)
    signal.addEventListener('abort', ring)
    const leave = () => {
      signal.removeEventListener('abort', ring)
      watch.remove(bell)
      if (watch.isEmpty && this.#watches.get(subject) === watch) this.#watches.delete(subject)
    }
    return { watch, bell, leave }
  }
}

/** Remembers that it rang until somebody has listened. */
export class Bell {
  /** The number of the last event that its follower has seen, where events have one. */
  seen = 0
  #rang = false
  #wake: (() => void) | null = null

  ring() {
    this.#rang = true
    this.#wake?.()
    this.#wake = null
  }

  silence() {
    this.#rang = false
  }

  heard(): Promise<void> | void {
    if (!this.#rang) return new Promise((resolve) => (this.#wake = resolve))
  }
}
