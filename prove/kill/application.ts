import { setTimeout as sleep } from 'node:timers/promises'
import { freePort, isReady } from '../../benchmarks/harness/app_process.js'
import { ArmedProcess, startArmed, type Installation } from './armed_process.js'

const PATIENCE_MS = 60_000

/** One that serves, and works unless it is told not to. */
export class Application extends ArmedProcess {
  private constructor(
    started: ReturnType<typeof startArmed>,
    readonly port: number
  ) {
    super(started.child, started.log)
  }

  /** Answers once it is ready, or once it has ended before. */
  static async start(
    installation: Installation,
    failpoint?: string,
    { port = 0 } = {}
  ): Promise<Application> {
    port ||= await freePort()
    const started = startArmed('bin/server.js', installation, {
      FAILPOINT: failpoint ?? '',
      FAILPOINTS_IN_PRODUCTION: 'yes',
      PORT: String(port),
      WORKER: 'inline',
    })
    const application = new Application(started, port)
    const deadline = Date.now() + PATIENCE_MS
    while (!(await isReady(port))) {
      // At its failpoint, or because its database was just killed under it.
      if (application.hasEnded) return application
      if (Date.now() > deadline) {
        await application.kill()
        throw new Error(`An application was not ready in a minute. It said:\n${application.said()}`)
      }
      await sleep(20)
    }
    return application
  }
}
