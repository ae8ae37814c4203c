import { startChild, type Child } from '../child.js'
import type { RequestText } from './connection.js'
import type { Flood, FloodResult } from './flood.js'

/** Load from a process of its own. What may be asked is told once, by name. */
export class Generator {
  private constructor(private readonly child: Child) {}

  static async start(
    lifetime: AsyncDisposableStack,
    directory: string,
    know: Record<string, RequestText[]>
  ): Promise<Generator> {
    const child = startChild(lifetime, { file: new URL('./flood.ts', import.meta.url), directory })
    await child.ask({ know })
    return new Generator(child)
  }

  /** Sends requests of that name, picked at random, and counts the answers. */
  flood(name: string, flood: Flood): Promise<FloodResult> {
    return this.child.ask({ flood, with: name })
  }
}
