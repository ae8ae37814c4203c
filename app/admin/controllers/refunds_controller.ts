import { inject } from '@adonisjs/core'
import type { HttpContext } from '@adonisjs/core/http'
import { NotFound } from '#app/admin/errors'
import { GenerationPage } from '#app/admin/queries/generation_page_query'
import { readRefundForm } from '#app/admin/validators/movement_request'
import { RefundCredits } from '#app/billing/actions/refund_credits'
import { movementRefusalText, refundText } from '#app/billing/words'

@inject()
export default class RefundsController {
  constructor(
    private readonly refund: RefundCredits,
    private readonly page: GenerationPage
  ) {}

  /** For whoever reloads the page of a refund that was not right. */
  index({ params, response }: HttpContext) {
    return response.redirect(`/admin/generations/${params.id}`)
  }

  /** Gives back some of what a generation cost. A second press of the button gives back no more. */
  async store({ params, request, response, session, view, auth }: HttpContext) {
    const page = await this.page.handle(params.id)
    if (!page) throw new NotFound('generation of this id')
    const { generation } = page
    const again = async (errors: Record<string, string>) => {
      const form = { ...page.refund.form, ...request.body() }
      const shown = { ...page, refund: { form, errors } }
      return response.status(422).send(await view.render('pages/admin/generation', shown))
    }
    const read = await readRefundForm(request.body())
    if (!read.ok) return again(read.errors)
    const result = await this.refund.handle({
      ...read.form,
      accountId: generation.accountId,
      holdId: generation.jobId,
      actor: `user:${auth.use('web').user!.id}`,
    })
    if (result.outcome === 'refused') return again({ amount: movementRefusalText(result.refusal) })
    session.flash('notice', refundText(read.form.amount, result))
    return response.redirect(`/admin/generations/${generation.id}`)
  }
}
