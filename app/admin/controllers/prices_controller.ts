import { inject } from '@adonisjs/core'
import type { HttpContext } from '@adonisjs/core/http'
import { readFormInput } from '#app/admin/forms/read_form_input'
import { TrialForm } from '#app/admin/forms/trial_form'
import { readTrialRequest } from '#app/admin/validators/trial_request'
import { ModelCatalogue } from '#app/generations/queries/model_catalogue'

@inject()
export default class PricesController {
  constructor(
    private readonly form: TrialForm,
    private readonly catalogue: ModelCatalogue
  ) {}

  /** What the form as it stands would cost at most, or which field is not right yet. */
  async store({ request, response, auth }: HttpContext) {
    const trial = readTrialRequest(request.body())
    const model = this.catalogue.one(trial.model)
    const tag = await this.form.price({
      accountId: trial.organisation,
      model: trial.model,
      input: model ? readFormInput(model.parameters, trial.sent) : {},
      createdBy: `user:${auth.use('web').user!.id}`,
    })
    return response.ok(tag)
  }
}
