import { randomUUID } from 'node:crypto'
import { inject } from '@adonisjs/core'
import { modeOf } from '#core/ledger/account_mode'
import type { Credits } from '#core/ledger/credits'
import { limitRow } from '#app/admin/format/limits'
import { planText } from '#app/admin/format/plans'
import { actorNamesQuery } from '#app/admin/queries/actor_names_query'
import { apiKeysQuery } from '#app/admin/queries/api_keys_query'
import { grantsQuery } from '#app/admin/queries/grants_query'
import { organisationQuery } from '#app/admin/queries/organisations_query'
import { HAND_KINDS } from '#app/billing/actions/grant_credits'
import { BalanceQuery } from '#app/billing/queries/balance_query'
import { ClockQuery } from '#app/billing/queries/clock_query'
import { EntriesQuery } from '#app/billing/queries/entries_query'
import { ForecastQuery } from '#app/billing/queries/forecast_query'
import { LimitsQuery } from '#app/billing/queries/limits_query'
import { LossesQuery } from '#app/billing/queries/losses_query'
import { PlanQuery } from '#app/billing/queries/plan_query'
import { testAccountQuery } from '#app/identity/queries/test_account_query'

const ENTRIES = 25
const GRANTS = 10
const KEYS = 10
const LOSSES = 10

interface Wanted {
  /** The seq below which the ledger's page begins. */
  before?: bigint
  /** What-if: so many credits more. */
  add?: Credits
  /** What was typed into a form, where it has to be shown again. */
  grant?: TypedForm
  correction?: TypedForm
  /** What was typed into the forms of the plan and of the clock. */
  planForm?: Record<string, unknown>
  span?: string
  errors?: Record<string, string>
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
    private readonly losses: LossesQuery,
    private readonly plan: PlanQuery,
    private readonly clock: ClockQuery,
    private readonly forecast: ForecastQuery
  ) {}

  async handle(
    id: string,
    { before, add, grant, correction, planForm = {}, span, errors = {} }: Wanted = {}
  ) {
    const organisation = await organisationQuery(id)
    if (!organisation) return null
    const now = await this.clock.handle(id)
    const [balance, ledger, grants, { keys }, limits, losses, plan, testAccount, forecast] =
      await Promise.all([
        this.balance.handle(id),
        this.entries.handle(id, { limit: ENTRIES, before }),
        grantsQuery(id, { limit: GRANTS, now }),
        apiKeysQuery({ orgId: id, limit: KEYS }),
        this.limits.handle({ accountId: id }),
        this.losses.handle(id, { limit: LOSSES }),
        this.plan.handle(id),
        testAccountQuery(id),
        this.forecast.handle(id, add),
      ])
    return {
      organisation,
      actors: await actorNamesQuery([...ledger.entries, ...plan.changes].map(({ actor }) => actor)),
      balance,
      grants,
      keys,
      limits: limits.map(limitRow),
      mode: modeOf(id),
      clock: now,
      liveId: organisation.testOf ?? id,
      testId: testAccount?.id ?? null,
      plan: {
        ...plan,
        text: plan.state?.plan && planText(plan.state.plan),
        choices: plan.plans.map((one) => ({
          value: one.id,
          text: `${one.name}: ${planText(one)}`,
        })),
      },
      planForm: { ...planForm, plan_reference: planForm.plan_reference ?? randomUUID() },
      span,
      forecast,
      add,
      entries: ledger.entries,
      olderThan: ledger.next,
      newest: before === undefined,
      losses,
      grant: formOf(grant),
      correction: formOf(correction),
      grantKinds: HAND_KINDS,
      errors,
    }
  }
}
