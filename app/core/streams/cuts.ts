/** Whose right to listen a stream rests on: `key:key_…` or `session:…`. */
export type Holder = `${'key' | 'session'}:${string}`

/**
 * Tells every process whose streams must end, because a key was revoked or a session ended.
 *
 * Not promised: that every word arrives. Whoever holds streams open looks now and then
 * whether their holders are still welcome.
 */
export abstract class Cuts {
  /** To the other processes. */
  abstract tell(holder: Holder): void

  /** Hears the others, and itself. */
  abstract hear(listener: (holder: Holder) => void): void
}
