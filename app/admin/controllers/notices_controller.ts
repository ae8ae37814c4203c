import { inject } from '@adonisjs/core'
import type { HttpContext } from '@adonisjs/core/http'
import { NotFound } from '#app/admin/errors'
import { creditsText } from '#app/admin/format/amounts'
import { noticeRow } from '#app/admin/format/notices'
import { organisationChoicesQuery } from '#app/admin/queries/organisation_names_query'
import { organisationQuery } from '#app/admin/queries/organisations_query'
import { readLowBalance } from '#app/admin/validators/low_balance_request'
import { NoticesQuery } from '#app/billing/queries/notices_query'
import { setLowBalance } from '#app/identity/actions/set_low_balance'
import settings from '#config/notices'

const SHOWN = 100

@inject()
export default class NoticesController {
  constructor(private readonly notices: NoticesQuery) {}

  async index({ request, view }: HttpContext) {
    const { organisation = '' } = request.qs()
    return view.render('pages/admin/notices', await this.#page(String(organisation)))
  }

  /** Sets what one organisation calls low. */
  async update({ params, request, response, session, view }: HttpContext) {
    const organisation = await organisationQuery(params.id)
    if (!organisation) throw new NotFound('organisation of this id')
    const read = readLowBalance(request.input('below'))
    if (!read.ok) {
      const page = { ...(await this.#page(organisation.id)), error: read.problem }
      return response.status(422).send(await view.render('pages/admin/notices', page))
    }
    await setLowBalance(organisation.id, read.below)
    const words = read.below ? creditsText(read.below) : `${settings.lowBalance} (as everybody)`
    session.flash('notice', `${organisation.name} is told below ${words} credits.`)
    return response.redirect(`/admin/notices?organisation=${organisation.id}`)
  }

  async #page(chosen: string) {
    const [notices, organisations, organisation] = await Promise.all([
      this.notices.handle({ accountId: chosen || undefined, limit: SHOWN }),
      organisationChoicesQuery({ chosen }),
      chosen ? organisationQuery(chosen) : null,
    ])
    return {
      notices: notices.map(noticeRow),
      organisations,
      organisation,
      names: Object.fromEntries(organisations.map(({ id, name }) => [id, name])),
      usual: settings.lowBalance,
      shown: SHOWN,
      error: null,
    }
  }
}
