import type { Head } from './books.js'
import type { SealedRoot } from './signed_root.js'

/** Where a root lies. */
export interface RootName {
  number: number
  /** The day it was signed on, in UTC: `2026-11-23`. */
  date: string
}

/**
 * Where signed roots are kept: outside the database they speak of. It only ever grows. What it
 * answers is not trusted: text that is damaged comes back as `null`, and is judged by whoever asked.
 */
export abstract class RootArchive {
  /** `null` before the first root. */
  abstract newest(): Promise<RootName | null>

  /** By day and number; `after` leaves out that number and those below. */
  abstract list(after?: number): AsyncIterable<RootName>

  /** `null` when it is missing or unreadable. */
  abstract read(name: RootName): Promise<SealedRoot | null>

  /** The list beside a root. A `null` stands for a line, or the whole list, that cannot be read. */
  abstract heads(name: RootName): AsyncIterable<Head | null>

  /** Writes the list first: a list without its root counts for nothing and may be written again. */
  abstract writeHeads(name: RootName, heads: AsyncIterable<Head>): Promise<void>

  /**
   * Writes the root, whole or not at all.
   * @throws E_LEDGER_ROOT_EXISTS when there is one of that name: roots are never replaced.
   */
  abstract write(name: RootName, root: SealedRoot): Promise<void>
}
