import { inject } from '@adonisjs/core'
import type { HttpContext } from '@adonisjs/core/http'
import { creditsChart, jobsChart, lastDays } from '#app/admin/format/chart_series'
import { firstCall } from '#app/admin/format/first_call'
import { dailyActivityQuery } from '#app/admin/queries/daily_activity_query'
import { organisationNamesQuery } from '#app/admin/queries/organisation_names_query'
import { overviewQuery } from '#app/admin/queries/overview_query'
import { generationsQuery } from '#app/generations/queries/generations_query'
import { ModelCatalogue } from '#app/generations/queries/model_catalogue'
import { appUrl } from '#config/app'

const RANGES = [14, 30, 90]
const FAILURES = 6
const LATEST = 8

@inject()
export default class OverviewsController {
  constructor(private readonly catalogue: ModelCatalogue) {}

  async show({ request, view }: HttpContext) {
    const range = RANGES.find((days) => String(days) === request.qs().days) ?? RANGES[0]
    const mode = request.qs().mode === 'test' ? 'test' : 'live'
    const days = lastDays(range)
    const since = new Date(days[0])
    const [overview, activity, latest, failed] = await Promise.all([
      overviewQuery(new Date(days.at(-1)!), mode),
      dailyActivityQuery(since, mode),
      generationsQuery({ mode }, { limit: LATEST }),
      // Not of all times: where failures are rare, looking for the last ones would read everything.
      generationsQuery(
        { mode, status: ['failed', 'expired'], createdFrom: since },
        { limit: FAILURES }
      ),
    ])
    const shown = [...latest.generations, ...failed.generations]
    return view.render('pages/admin/overview', {
      overview,
      mode,
      range,
      ranges: RANGES,
      spend: creditsChart(activity, days),
      jobs: jobsChart(activity, days),
      latest: latest.generations,
      failures: failed.generations,
      names: await organisationNamesQuery(shown.map(({ accountId }) => accountId)),
      firstCall: firstCall(appUrl, this.catalogue.inMode('live')),
    })
  }
}
