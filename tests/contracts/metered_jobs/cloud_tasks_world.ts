import app from '@adonisjs/core/services/app'
import type { Bus } from '#adapters/bus/bus'
import type { Sql } from '#adapters/postgres/sql'
import { CloudTasks } from '#adapters/queue/cloud_tasks'
import { CloudTasksJobQueue } from '#adapters/queue/cloud_tasks_job_queue'
import { TaskOutbox } from '#adapters/queue/task_outbox'
import { TaskRelay } from '#adapters/queue/task_relay'
import { FakeCloudTasks, SERVICE_ACCOUNT } from '#tests/fakes/cloud_tasks/fake_cloud_tasks'
import { newWorld, postgresBus } from './postgres_world.js'
import type { World } from './world.js'

/** The contracts as they are kept where tasks are pushed, and the service that pushes them. */
export interface CloudTasksWorld extends World {
  tasks: FakeCloudTasks
  /** Tells of all jobs that wait. Nothing is told of by itself. */
  tell(): Promise<void>
}

let known: Promise<CloudTasksWorld> | null = null

/** Made once, gone when the run ends. Its tasks are made and never pushed: tests claim by hand. */
export function cloudTasksWorld(): Promise<CloudTasksWorld> {
  known ??= make()
  return known
}

async function make(): Promise<CloudTasksWorld> {
  const fake = await FakeCloudTasks.start()
  fake.addQueue('daygen-0')
  fake.trouble.paused = true
  const logger = await app.container.make('logger')
  const client = new CloudTasks({
    project: 'daygen-test',
    location: 'europe-west1',
    queue: 'daygen',
    shards: 1,
    url: 'http://127.0.0.1:9',
    serviceAccount: SERVICE_ACCOUNT,
    audience: 'http://127.0.0.1:9',
    endpoint: fake.endpoint,
  })
  app.terminating(async () => {
    await client.close()
    await fake.stop()
  })
  const relays: TaskRelay[] = []
  const world = await newWorld(postgresBus, (sql, bus) => {
    const relay = new TaskRelay({ outbox: new TaskOutbox(sql), tasks: client, logger })
    relays.push(relay)
    return new ToldJobQueue(sql, bus, relay)
  })
  return { ...world, tasks: fake, tell: () => relays[0].flush() }
}

/** Whoever claims was told before: all jobs that wait have their tasks by then. */
class ToldJobQueue extends CloudTasksJobQueue {
  readonly #relay: TaskRelay

  constructor(sql: Sql, bus: Bus, relay: TaskRelay) {
    super(sql, bus, relay)
    this.#relay = relay
  }

  override async claim(request: Parameters<CloudTasksJobQueue['claim']>[0]) {
    await this.#relay.flush()
    return super.claim(request)
  }

  override async claimOne(request: Parameters<CloudTasksJobQueue['claimOne']>[0]) {
    await this.#relay.flush()
    return super.claimOne(request)
  }
}
