import { Installation, type ServerProcess } from '#tests/functional/onboarding/installation'
import { FakeCloudTasks } from '#tests/fakes/cloud_tasks/fake_cloud_tasks'
import { freePort } from '#tests/throwaway'

export type Driver = 'postgres' | 'cloud_tasks'
export const DRIVERS: Driver[] = ['postgres', 'cloud_tasks']

type Body = Record<string, any>

/** An installation whose jobs come to it by one driver, with all that takes. */
export class DrivenInstallation {
  server!: ServerProcess
  #key = ''

  private constructor(
    private readonly installation: Installation,
    private readonly port: string,
    private readonly environment: Record<string, string>,
    /** Where jobs come by tasks. */
    readonly tasks: FakeCloudTasks | null
  ) {}

  static async make(driver: Driver): Promise<DrivenInstallation> {
    const installation = await Installation.make()
    const port = String(await freePort())
    if (driver === 'postgres') {
      return new DrivenInstallation(installation, port, { QUEUE_DRIVER: driver }, null)
    }
    // Sooner than real queues retry, so that no test waits for a second.
    const tasks = await FakeCloudTasks.start({ haste: 20 })
    tasks.addQueue('daygen-0')
    const environment = tasks.environment(`http://127.0.0.1:${port}`)
    return new DrivenInstallation(installation, port, environment, tasks)
  }

  /** Always at the same address, as tasks go where their makers were. */
  async start(environment: Record<string, string> = {}): Promise<ServerProcess> {
    const settings = { ...this.environment, PORT: this.port, ...environment }
    this.server = await this.installation.start(settings)
    this.#key ||= /(dg_live_\w{40})/.exec(this.server.said())![1]
    return this.server
  }

  async remove() {
    await this.installation.remove()
    await this.tasks?.stop()
  }

  rows(sql: string, values: unknown[] = []) {
    return this.installation.rows(sql, values)
  }

  async call(path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Body> {
    const response = await fetch(`${this.server.url}/v1${path}`, {
      method: body ? 'POST' : 'GET',
      headers: {
        'authorization': `Bearer ${this.#key}`,
        'content-type': 'application/json',
        ...headers,
      },
      body: body ? JSON.stringify(body) : undefined,
    })
    return (await response.json()) as Body
  }

  async until(id: string, holds: (generation: Body) => boolean): Promise<Body> {
    for (;;) {
      const generation = await this.call(`/generations/${id}`)
      if (holds(generation)) return generation
      await new Promise((resolve) => setTimeout(resolve, 200))
    }
  }

  ended(id: string): Promise<Body> {
    return this.until(id, ({ finished_at: end }) => end !== null)
  }

  /** Once its vendor has it. */
  async submitted(id: string) {
    for (;;) {
      const told = await this.story(id)
      if (told.includes('submitted')) return
    }
  }

  /** The story of a job, without its progress. */
  async story(id: string): Promise<string[]> {
    const rows = await this.rows(
      `select type from job_events where job_id = $1 and type <> 'progress' order by seq`,
      [jobOf(id)]
    )
    return rows.map(({ type }) => type)
  }

  /** What a dead process held is free when its time is over; here it is over now. */
  async endLeases() {
    await this.rows(
      `update jobs set lease_until = clock_timestamp() - interval '1 second'
       where state = 'running' and leased_by is not null`
    )
  }

  /** What must never be: in the books, or a job that ended twice. */
  async faults(): Promise<unknown[]> {
    const books = await this.rows('select * from ledger_violations')
    const ends = await this.rows(
      `select job_id, count(*) from job_events
       where type in ('succeeded', 'failed', 'canceled', 'expired')
       group by job_id having count(*) > 1`
    )
    const charged = await this.rows(
      `select hold_id from entries where kind = 'consume'
       group by hold_id, grant_id having count(*) > 1`
    )
    return [...books, ...ends, ...charged]
  }
}

export const jobOf = (generation: string) => generation.replace('gen_', 'job_')
