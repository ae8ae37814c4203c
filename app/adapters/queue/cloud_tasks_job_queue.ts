import type { Bus } from '#adapters/bus/bus'
import type { Sql } from '#adapters/postgres/sql'
import { PostgresJobQueue } from './postgres_job_queue.js'
import type { TaskRelay } from './task_relay.js'

/**
 * The same rows, leases and tokens; but nobody looks for work: a relay has Cloud Tasks tell a
 * process of each job that waits.
 */
export class CloudTasksJobQueue extends PostgresJobQueue {
  override readonly delivery = 'push'

  constructor(
    sql: Sql,
    bus: Bus,
    private readonly relay: Pick<TaskRelay, 'trouble'>
  ) {
    super(sql, bus)
  }

  override trouble() {
    return this.relay.trouble()
  }
}
