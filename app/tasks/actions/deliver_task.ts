import { inject } from '@adonisjs/core'
import type { JobRef } from '#core/queue/types'
import { Worker } from '#core/queue/worker'

/** Does a step of the job that this process was told of. */
@inject()
export class DeliverTask {
  constructor(private readonly worker: Worker) {}

  handle(ref: JobRef) {
    return this.worker.deliver(ref)
  }
}
