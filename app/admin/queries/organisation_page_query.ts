import { randomUUID } from 'node:crypto'
import { inject } from '@adonisjs/core'
import { limitRow } from '#app/admin/format/limits'
import { actorNamesQuery } from '#app/admin/queries/actor_names_query'
import { apiKeysQuery } from '#app/admin/queries/api_keys_query'
import { grantsQuery } from '#app/admin/queries/grants_query'
import { organisationQuery } from '#app/admin/queries/organisations_query'
import { HAND_KINDS } from '#app/billing/actions/grant_credits'
import { BalanceQuery } from '#app/billing/queries/balance_query'
import { EntriesQuery } from '#app/billing/queries/entries_query'
import { LimitsQuery } from '#app/billing/queries/limits_query'
import { LossesQuery } from '#app/billing/queries/losses_query'

const ENTRIES = 25
const GRANTS = 10
const KEYS = 10
const LOSSES = 10

interface Wanted {
  /** The seq below which the ledger's page begins. */
  before?: bigint
  /** What was typed into a form, where it has to be shown again. */
  grant?: TypedForm
  correction?: TypedForm
}

interface TypedForm {
  form: Record<string, unknown>
  errors: Record<string, string>
}

/** A form with a reference of its own, so that a second press of its button does nothing more. */
function formOf({ form, errors }: TypedForm = { form: {}, errors: {} }) {
  return { form: { ...form, reference: form.reference ?? randomUUID() }, errors }
}

/** Everything the page of one organisation shows, or `null` when there is none of this id. */
@inject()
export class OrganisationPage {
  constructor(
    private readonly balance: BalanceQuery,
    private readonly entries: EntriesQuery,
    private readonly limits: LimitsQuery,
    private readonly losses: LossesQuery
  ) {}

  async handle(id: string, { before, grant, correction }: Wanted = {}) {
    const organisation = await organisationQuery(id)
    if (!organisation) return null
    const [balance, ledger, grants, { keys }, limits, losses] = await Promise.all([
      this.balance.handle(id),
      this.entries.handle(id, { limit: ENTRIES, before }),
      grantsQuery(id, { limit: GRANTS }),
      apiKeysQuery({ orgId: id, limit: KEYS }),
      this.limits.handle({ accountId: id }),
      this.losses.handle(id, { limit: LOSSES }),
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
      losses,
      grant: formOf(grant),
      correction: formOf(correction),
      grantKinds: HAND_KINDS,
    }
  }
}
