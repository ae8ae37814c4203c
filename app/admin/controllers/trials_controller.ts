import { inject } from '@adonisjs/core'
import type { HttpContext } from '@adonisjs/core/http'
import { readFormInput } from '#app/admin/forms/read_form_input'
import { TrialForm } from '#app/admin/forms/trial_form'
import { TrialSubmission } from '#app/admin/forms/trial_submission'
import { generationAddressQuery } from '#app/admin/queries/generation_address_query'
import { readTrialRequest } from '#app/admin/validators/trial_request'
import { generationQuery } from '#app/generations/queries/generation_query'
import { ModelCatalogue } from '#app/generations/queries/model_catalogue'

@inject()
export default class TrialsController {
  constructor(
    private readonly form: TrialForm,
    private readonly submission: TrialSubmission,
    private readonly catalogue: ModelCatalogue
  ) {}

  /** The form, empty or with the inputs of a generation (`from`). */
  async create({ request, view, auth }: HttpContext) {
    const createdBy = `user:${auth.use('web').user!.id}`
    const { from, model = '', organisation = '' } = request.qs()
    const address = from ? await generationAddressQuery(String(from)) : null
    const past = address && (await generationQuery(address.accountId, address.id))
    const wanted = past?.input
      ? { model: past.model, organisation: past.accountId, input: past.input }
      : { model: String(model), organisation: String(organisation) }
    return view.render('pages/admin/try', await this.form.open({ ...wanted, createdBy }))
  }

  async store({ request, response, view, auth }: HttpContext) {
    const operator = auth.use('web').user!
    const createdBy = `user:${operator.id}`
    const trial = readTrialRequest(request.body())
    const model = this.catalogue.one(trial.model)
    const input = model ? readFormInput(model.parameters, trial.sent) : {}
    // The button of browsers that ask for no price while the form is filled in.
    if (request.input('only') === 'price') {
      return view.render('pages/admin/try', await this.form.open({ ...trial, input, createdBy }))
    }
    const submission = await this.submission.handle(trial, input, operator.id)
    if (submission.started) return response.redirect(`/admin/generations/${submission.started}`)
    const page = await this.form.open({ ...trial, ...submission, input, createdBy })
    return response.status(422).send(await view.render('pages/admin/try', page))
  }
}
