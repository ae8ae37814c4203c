import { randomBytes } from 'node:crypto'
import { inject } from '@adonisjs/core'
import db from '@adonisjs/lucid/services/db'
import { Credits } from '#core/ledger/credits'
import { GrantCredits } from '#app/billing/actions/grant_credits'
import { createApiKey } from '#app/identity/actions/create_api_key'
import { CreateOrganisation } from '#app/identity/actions/create_organisation'
import { OpenTestAccount } from '#app/identity/actions/open_test_account'
import User from '#app/identity/models/user'

const FIRST_CREDITS = Credits.parse('1000')
/** One process seeds, others find it done. The number only has to be ours. */
const LOCK = '7340219002'

export interface SeededInstallation {
  orgId: string
  email: string
  /** Shown once; only its digest is kept. */
  password: string
  /** Shown once; only its digest is kept. */
  apiKey: string
  /** Of the test account. Shown once as well. */
  testKey: string
}

/** The first organisation, operator and key of an empty installation. `null` when there are people already. */
@inject()
export class SeedInstallation {
  constructor(
    private readonly createOrganisation: CreateOrganisation,
    private readonly grantCredits: GrantCredits,
    private readonly openTestAccount: OpenTestAccount
  ) {}

  async handle(): Promise<SeededInstallation | null> {
    const lock = await db.transaction()
    try {
      await lock.rawQuery('select pg_advisory_xact_lock(?)', [LOCK])
      if (await User.first()) return null
      return await this.#seed()
    } finally {
      await lock.rollback()
    }
  }

  async #seed(): Promise<SeededInstallation> {
    const organisation = await this.createOrganisation.handle({ name: 'My studio' })
    await this.grantCredits.handle({
      accountId: organisation.id,
      amount: FIRST_CREDITS,
      reason: 'Welcome credits, to try everything out',
      actor: 'system:seed',
      reference: 'welcome',
    })
    const { text } = await createApiKey({ orgId: organisation.id, name: 'First key' })
    const { id: orgId } = await this.openTestAccount.handle(organisation)
    const { text: testText } = await createApiKey({ orgId, name: 'First test key' })
    // Last, because an operator is what says that the seeding is done.
    const password = randomBytes(12).toString('base64url')
    const email = 'operator@daygen.local'
    await User.create({ email, password, fullName: 'Operator', isOperator: true })
    return { orgId: organisation.id, email, password, apiKey: text, testKey: testText }
  }
}
