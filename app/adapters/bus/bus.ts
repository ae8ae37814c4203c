/**
 * Carries short words between the processes of one installation. Words may be lost
 * when a connection breaks, so nobody may depend on one: they only shorten a wait.
 */
export abstract class Bus {
  readonly #listeners = new Map<string, Set<(message: string) => void>>()

  /** To this process at once, to the others soon. Equal words of one moment may arrive once. */
  publish(topic: string, message: string) {
    this.deliver(topic, message)
    this.send(topic, message)
  }

  /** Answers how to stop listening. */
  subscribe(topic: string, listener: (message: string) => void): () => void {
    const listeners = this.#listeners.get(topic) ?? new Set()
    this.#listeners.set(topic, listeners.add(listener))
    return () => listeners.delete(listener)
  }

  /** Begins to hear the other processes. */
  abstract connect(): Promise<void>

  abstract close(): Promise<void>

  protected abstract send(topic: string, message: string): void

  protected deliver(topic: string, message: string) {
    for (const listener of this.#listeners.get(topic) ?? []) listener(message)
  }
}
