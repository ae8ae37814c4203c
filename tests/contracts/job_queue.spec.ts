import { jobQueueSuite } from './job_queue.js'
import { postgresWorld } from './metered_jobs/postgres_world.js'

jobQueueSuite('Postgres', () => postgresWorld())
