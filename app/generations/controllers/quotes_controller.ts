import { inject } from '@adonisjs/core'
import type { HttpContext } from '@adonisjs/core/http'
import { ApiProblem } from '#app/exceptions/api_problem'
import { MakeQuote } from '#app/generations/actions/make_quote'
import { inputProblem } from '#app/generations/input_problem'
import { presentQuote } from '#app/generations/presenters'
import { quoteQuery } from '#app/generations/queries/quote_query'
import { createQuoteSchema, type CreateQuoteBody } from '#app/generations/validators/create_quote'
import { readJsonBody } from '#app/generations/validators/json_body'

@inject()
export default class QuotesController {
  constructor(private readonly make: MakeQuote) {}

  async store({ request, response, caller }: HttpContext) {
    const body = readJsonBody<CreateQuoteBody>(request, createQuoteSchema)
    const outcome = await this.make.handle({
      accountId: caller.orgId,
      actor: caller.actor,
      model: body.model,
      input: body.input,
      lifetime: body.expires_in,
    })
    if (!outcome.ok) throw inputProblem(outcome.problem)
    response.header('Location', `/v1/quotes/${outcome.quote.id}`)
    return response.created(presentQuote(outcome.quote))
  }

  async show({ params, response, caller }: HttpContext) {
    const quote = await quoteQuery(caller.orgId, params.id)
    if (quote) return response.ok(presentQuote(quote))
    throw new ApiProblem({
      status: 404,
      type: 'invalid_request_error',
      code: 'quote_not_found',
      message: `There is no quote ${params.id} in this organisation.`,
    })
  }
}
