import { inject } from '@adonisjs/core'
import type { HttpContext } from '@adonisjs/core/http'
import type { NextFn } from '@adonisjs/core/types/http'
import { TaskSender } from '#core/queue/task_sender'
import { unbelieved } from '#app/tasks/problems'

const BEARER = /^Bearer ([\w.~+/-]+=*)$/i

/** Lets the service in that pushes tasks to us, and nobody else. */
@inject()
export default class TaskSenderMiddleware {
  constructor(private readonly sender: TaskSender) {}

  async handle({ request, logger }: HttpContext, next: NextFn) {
    const [, token = null] = BEARER.exec(request.header('authorization') ?? '') ?? []
    const verdict = await this.sender.verify(token)
    if (verdict.ok) return next()
    const { doubt } = verdict
    if (doubt !== 'unexpected') logger.warn({ doubt }, 'a task was not believed')
    throw unbelieved(doubt)
  }
}
