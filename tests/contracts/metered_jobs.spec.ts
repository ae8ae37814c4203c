import { meteredJobsSuite } from './metered_jobs.js'
import { postgresWorld } from './metered_jobs/postgres_world.js'

meteredJobsSuite('Postgres', () => postgresWorld())
