/** Keeps to the calls a minute that vendors let this installation have, over all processes. */
export abstract class ProviderPace {
  /**
   * Counts a call, if it may be made now: in no minute are there more than `perMinute`. Answers the
   * milliseconds to wait for else, and counts nothing.
   */
  abstract take(provider: string, perMinute: number): Promise<number>

  /** Providers whose minute is full, as far as this process knows: claiming work for them is in vain. */
  abstract full(): string[]
}
