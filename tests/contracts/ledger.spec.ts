import { ledgerSuite } from './ledger.js'
import { postgresWorld } from './metered_jobs/postgres_world.js'

ledgerSuite('Postgres', () => postgresWorld())
