import { noticesSuite } from './notices.js'
import { postgresWorld } from './metered_jobs/postgres_world.js'

noticesSuite('Postgres', () => postgresWorld())
