import { failpoint } from '#core/failpoint'
import type { JobQueue } from '#core/queue/job_queue'
import { TaskFault, type CloudTasks, type TaskTrouble } from './cloud_tasks.js'
import type { OwedTask, TaskOutbox } from './task_outbox.js'

interface Parts {
  outbox: Pick<TaskOutbox, 'take' | 'putBack'>
  tasks: Pick<CloudTasks, 'create'>
  logger: {
    error(facts: object, message: string): void
    info(facts: object, message: string): void
  }
}

const BATCH = 100
/** Calls at once. One takes some 20 ms, so that this is above what a queue dispatches. */
const AT_ONCE = 25
/** How often to look when no word of work came: a word may be lost, and a task may be missed. */
const POLL_MS = 1_000
const SHORTEST_PAUSE_MS = 250
const LONGEST_PAUSE_MS = 30_000

/** What an operator reads where tasks cannot be made. */
const ADVICE: Record<TaskTrouble, string> = {
  busy: 'Cloud Tasks takes no more for now; jobs wait and are told of later',
  away: 'Cloud Tasks cannot be reached; jobs wait and are told of later',
  setup:
    'Cloud Tasks refuses our queue; run `node ace cloud-tasks:setup` and check the permissions',
  task: 'Cloud Tasks refuses a task; its job is told of again later',
}

/**
 * Makes a task for each job that waits, after the commit that made it wait. Any process may, and
 * several do: each takes jobs that no other has.
 */
export class TaskRelay {
  readonly #stopListening: (() => void)[] = []
  #timer: NodeJS.Timeout | null = null
  #round: Promise<void> | null = null
  #again = false
  #stopping = false
  #paused = false
  /** Rounds that failed one after the other. */
  #failures = 0
  #trouble: string | null = null

  constructor(private readonly parts: Parts) {}

  start(queue: Pick<JobQueue, 'onWork' | 'onCancel'>) {
    this.#stopListening.push(
      queue.onWork(() => void this.flush()),
      // A parked job is due when it is asked to stop.
      queue.onCancel(() => void this.flush())
    )
    this.#timer = setInterval(() => void this.flush(), POLL_MS).unref()
    void this.flush()
  }

  /** Finishes what is under way, and puts back what was not begun. */
  async stop() {
    this.#stopping = true
    this.#stopListening.forEach((stop) => stop())
    if (this.#timer) clearInterval(this.#timer)
    await this.#round
  }

  /** Why no tasks are made at present. `null` while they are. */
  trouble(): string | null {
    return this.#trouble
  }

  /** Makes the tasks that are owed, unless it was told to wait. Never throws. */
  async flush(): Promise<void> {
    this.#again = true
    if (this.#round) return this.#round
    this.#round = this.#rounds().finally(() => (this.#round = null))
    return this.#round
  }

  async #rounds() {
    while (this.#again && !this.#stopping && !this.#paused) {
      this.#again = false
      try {
        if ((await this.#relay()) === BATCH) this.#again = true
      } catch (error) {
        this.parts.logger.error({ err: error }, 'the outbox of tasks could not be read')
      }
    }
  }

  /** One round. Answers how many jobs were owed a task. */
  async #relay(): Promise<number> {
    const { outbox, tasks } = this.parts
    const owed = await outbox.take(BATCH)
    if (owed.length === 0) return 0
    let fault: TaskFault | null = null
    const left = [...owed]
    const undone: OwedTask[] = []
    const work = async () => {
      while (left.length > 0 && !fault && !this.#stopping) {
        const task = left.shift()!
        try {
          failpoint('before-task')
          await tasks.create(task)
          failpoint('after-task')
        } catch (error) {
          if (!(error instanceof TaskFault)) throw error
          if (error.trouble === 'task') {
            this.#tell(error, task)
          } else {
            undone.push(task)
            fault = error
          }
        }
      }
    }
    await Promise.all(Array.from({ length: AT_ONCE }, work))
    undone.push(...left)
    if (fault) this.#pause(fault)
    else this.#recover()
    if (undone.length > 0) await outbox.putBack(undone)
    return owed.length
  }

  /** Waits longer each time, and not in step with other processes. */
  #pause(fault: TaskFault) {
    const longest = Math.min(LONGEST_PAUSE_MS, SHORTEST_PAUSE_MS * 2 ** this.#failures)
    this.#failures++
    const resume = () => {
      this.#paused = false
      void this.flush()
    }
    this.#paused = true
    setTimeout(resume, longest * (0.5 + Math.random() / 2)).unref()
    if (this.#trouble !== ADVICE[fault.trouble]) this.#tell(fault)
    this.#trouble = ADVICE[fault.trouble]
  }

  #recover() {
    if (this.#trouble) this.parts.logger.info({}, 'Cloud Tasks takes tasks again')
    this.#trouble = null
    this.#failures = 0
  }

  #tell(fault: TaskFault, task?: OwedTask) {
    this.parts.logger.error({ err: fault, job: task?.jobId }, ADVICE[fault.trouble])
  }
}
