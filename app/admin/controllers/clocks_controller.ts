import { inject } from '@adonisjs/core'
import type { HttpContext } from '@adonisjs/core/http'
import { NotFound } from '#app/admin/errors'
import { instantText } from '#app/admin/format/times'
import { OrganisationPage } from '#app/admin/queries/organisation_page_query'
import { organisationQuery } from '#app/admin/queries/organisations_query'
import { AdvanceClock, type ClockMove } from '#app/billing/actions/advance_clock'
import { ClockQuery } from '#app/billing/queries/clock_query'
import { spanAfter } from '#app/billing/validators/spans'

const WHY: Record<Exclude<ClockMove['outcome'], 'advanced'>, string> = {
  live: 'The clock of a live account is never moved.',
  past: 'A clock goes only ahead.',
  too_far: 'At most ten years ahead of real time.',
}

@inject()
export default class ClocksController {
  constructor(
    private readonly advance: AdvanceClock,
    private readonly clock: ClockQuery,
    private readonly page: OrganisationPage
  ) {}

  /** Moves the clock of a test account ahead by what the form says. */
  async store({ params, request, response, session, view }: HttpContext) {
    const organisation = await organisationQuery(params.id)
    if (!organisation?.testOf) throw new NotFound('test account of this id')
    const refuse = async (problem: string) => {
      const errors = { span: problem }
      const page = await this.page.handle(organisation.id, { span: request.input('span'), errors })
      return response.status(422).send(await view.render('pages/admin/organisation', page!))
    }
    const now = await this.clock.handle(organisation.id)
    const to = spanAfter(now, String(request.input('span', '')), organisation.timezone)
    if (!to) return refuse('Write 36h, 30d, 2w, 1mo or 1y.')
    const { outcome, at, granted } = await this.advance.handle(organisation.id, to)
    if (outcome !== 'advanced') return refuse(WHY[outcome])
    const resets = granted.length === 1 ? '1 grant' : `${granted.length} grants`
    session.flash('notice', `Its clock shows ${instantText(at)}. ${resets} on the way.`)
    return response.redirect(`/admin/organisations/${organisation.id}`)
  }
}
