import { randomUUID } from 'node:crypto'
import { inject } from '@adonisjs/core'
import { limitRow } from '#app/admin/format/limits'
import { actorNamesQuery } from '#app/admin/queries/actor_names_query'
import { apiKeysQuery } from '#app/admin/queries/api_keys_query'
import { grantsQuery } from '#app/admin/queries/grants_query'
import { organisationQuery } from '#app/admin/queries/organisations_query'
import { BalanceQuery } from '#app/billing/queries/balance_query'
import { EntriesQuery } from '#app/billing/queries/entries_query'
import { LimitsQuery } from '#app/billing/queries/limits_query'

const ENTRIES = 25
const GRANTS = 10
const KEYS = 10

interface Wanted {
  /** The seq below which the ledger's page begins. */
  before?: bigint
  /** What was typed into the grant form, where it has to be shown again. */
  form?: Record<string, unknown>
  errors?: Record<string, string>
}

/** Everything the page of one organisation shows, or `null` when there is none of this id. */
@inject()
export class OrganisationPage {
  constructor(
    private readonly balance: BalanceQuery,
    private readonly entries: EntriesQuery,
    private readonly limits: LimitsQuery
  ) {}

  async handle(id: string, { before, form = {}, errors = {} }: Wanted = {}) {
    const organisation = await organisationQuery(id)
    if (!organisation) return null
    const [balance, ledger, grants, { keys }, limits] = await Promise.all([
      this.balance.handle(id),
      this.entries.handle(id, { limit: ENTRIES, before }),
      grantsQuery(id, { limit: GRANTS }),
      apiKeysQuery({ orgId: id, limit: KEYS }),
      this.limits.handle({ accountId: id }),
    ])
    return {
      organisation,
      actors: await actorNamesQuery(ledger.entries.map(({ actor }) => actor)),
      balance,
      grants,
      keys,
      limits: limits.map(limitRow),
      entries: ledger.entries,
      olderThan: ledger.next,
      newest: before === undefined,
      form: { ...form, reference: form.reference ?? randomUUID() },
      errors,
    }
  }
}
