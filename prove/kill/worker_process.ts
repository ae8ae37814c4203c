import { ArmedProcess, startArmed, type Installation } from './armed_process.js'

/** One that only works: `bin/worker.js`. */
export class WorkerProcess extends ArmedProcess {
  static start(installation: Installation): WorkerProcess {
    const { child, log } = startArmed('bin/worker.js', installation, { DATABASE_POOL: '4' })
    return new WorkerProcess(child, log)
  }
}
