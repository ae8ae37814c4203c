import { plansSuite } from './plans.js'
import { postgresWorld } from './metered_jobs/postgres_world.js'

plansSuite('Postgres', () => postgresWorld())
