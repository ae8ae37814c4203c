import { jobQueueSuite } from './job_queue.js'
import { cloudTasksWorld } from './metered_jobs/cloud_tasks_world.js'

jobQueueSuite('Cloud Tasks', cloudTasksWorld)
