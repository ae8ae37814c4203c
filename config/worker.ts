import { availableParallelism } from 'node:os'

/** How this process works on jobs. Times in milliseconds. */
export default {
  /**
   * Jobs at once. Most of a generation is waiting for a vendor, and those that begin and end
   * together share their trips to the database.
   */
  concurrency: Math.max(16, availableParallelism() * 16),
  lease: 30_000,
  heartbeat: 10_000,
  /** How often to look for work when no word of any came. */
  idlePoll: 1_000,
  sweep: 5_000,
  /** How often a generation may lose its worker: it is not tried again then, as it may be what kills them. */
  lostWorkers: 5,
  /** How long a stopping process waits for its jobs before it hands them back. */
  drain: 10_000,
}
