import { inject } from '@adonisjs/core'
import type { HttpContext } from '@adonisjs/core/http'
import { NotFound } from '#app/admin/errors'
import { RedriveJob } from '#app/jobs/actions/redrive_job'
import { deadLetterQuery } from '#app/jobs/queries/dead_letters_query'
import { redriveText } from '#app/jobs/redrive_words'

@inject()
export default class RedrivesController {
  constructor(private readonly redrive: RedriveJob) {}

  async store({ params, response, session, auth }: HttpContext) {
    const letter = await deadLetterQuery(params.id, params.org)
    if (!letter) throw new NotFound('dead letter of this id')
    const result = await this.redrive.handle({
      accountId: letter.accountId,
      jobId: letter.id,
      metered: letter.metered,
      actor: `user:${auth.use('web').user!.id}`,
    })
    session.flash('notice', `${letter.id}: ${redriveText(result)}`)
    return response.redirect(
      result.outcome === 'started' ? `/admin/generations/${result.generationId}` : '/admin/queue'
    )
  }
}
