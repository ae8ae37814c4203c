import { inject } from '@adonisjs/core'
import type { HttpContext } from '@adonisjs/core/http'
import { failpoint } from '#core/failpoint'
import type { Delivered } from '#core/queue/types'
import { DeliverTask } from '#app/tasks/actions/deliver_task'
import {
  jobTaken,
  jobUnfinished,
  jobUntaken,
  NO_PLACE,
  taskEarly,
  taskUnreadable,
} from '#app/tasks/problems'

@inject()
export default class TasksController {
  constructor(private readonly deliver: DeliverTask) {}

  /** Answers 2xx only where the job needs no further word of this task. */
  async store({ request, response }: HttpContext) {
    const ref = readTask(request)
    const delivered = await this.deliver.handle(ref)
    const answer = { job: ref.jobId, effect: delivered.effect, ...found(delivered) }
    response.response.once('finish', () => failpoint('after-push'))
    return response.ok(answer)
  }
}

function readTask(request: HttpContext['request']) {
  const { account, job } = request.body() as Record<string, unknown>
  const named = request.param('job')
  if (job !== named) throw taskUnreadable('/job', `"job" must be ${named}, as in the address.`)
  if (typeof account !== 'string' || !account) {
    throw taskUnreadable('/account', '"account" must name the account of the job.')
  }
  return { accountId: account, jobId: named }
}

/** What the task has found, or the reason why it has to come again. */
function found(delivered: Delivered) {
  if (!delivered.standing) throw NO_PLACE[delivered.why]()
  const { standing } = delivered
  const worked = delivered.effect === 'worked'
  switch (standing.is) {
    case 'missing':
      return { found: 'unknown' }
    case 'ended':
      return { found: standing.state }
    case 'leased':
      throw worked ? jobUnfinished() : jobTaken()
    case 'waiting':
      // Another task was, or will be, made for what it waits for now.
      if (worked || standing.isBarred) return { found: 'waiting', due_at: standing.dueAt }
      throw standing.isDue ? jobUntaken(standing.kind) : taskEarly(standing.dueAt)
  }
}
