import type { HttpContext } from '@adonisjs/core/http'
import { organisationNamesQuery } from '#app/admin/queries/organisation_names_query'
import { placeText, readDeadLetterFilter } from '#app/admin/validators/dead_letter_filter'
import { deadLettersQuery } from '#app/jobs/queries/dead_letters_query'
import { queueQuery } from '#app/jobs/queries/queue_query'

const SHOWN = 50
const PAGE = 25

export default class QueuesController {
  async show({ request, view }: HttpContext) {
    const { kind, after } = readDeadLetterFilter(request.qs())
    const [queue, dead] = await Promise.all([
      queueQuery({ limit: SHOWN }),
      deadLettersQuery({ kind: kind || undefined }, { limit: PAGE, after }),
    ])
    const { running, retrying, kinds } = queue
    const filter: Record<string, string> = kind ? { kind } : {}
    const query = (fields: Record<string, string>) =>
      new URLSearchParams({ ...filter, ...fields }).toString()
    const accounts = [...running, ...retrying, ...dead.letters].map(({ accountId }) => accountId)
    return view.render('pages/admin/queue', {
      ...queue,
      letters: dead.letters,
      names: await organisationNamesQuery(accounts),
      totals: {
        waiting: sum(kinds.map(({ waiting }) => waiting)),
        later: sum(kinds.map(({ later }) => later)),
        running: sum(kinds.map((one) => one.running)),
        oldestDueAt: kinds
          .map(({ oldestDueAt }) => oldestDueAt)
          .filter((at) => at !== null)
          .sort((a, b) => a.getTime() - b.getTime())
          .at(0),
      },
      shown: SHOWN,
      kind,
      newest: !after,
      newestQuery: query({}),
      olderQuery: dead.next && query({ older: placeText(dead.next) }),
      now: new Date(),
    })
  }
}

function sum(counts: number[]): number {
  return counts.reduce((total, count) => total + count, 0)
}
