import { fork, type ChildProcess, type Serializable } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { once } from 'node:events'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const STOP_PATIENCE_MS = 20_000

export interface ChildOptions {
  /** A Node program. */
  file: URL
  args?: string[]
  env?: Record<string, string>
  cwd?: URL
  /** Flags of Node; those of this process where none are named. */
  execArgv?: string[]
  /** Where its log goes. */
  directory: string
}

/** A process of its own, ended with `lifetime`. What it says goes to a file. */
export function startChild(lifetime: AsyncDisposableStack, options: ChildOptions): Child {
  const path = fileURLToPath(options.file)
  const log = join(options.directory, `${basename(path)}.log`)
  const output = openSync(log, 'a')
  const child = fork(path, options.args ?? [], {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    execArgv: options.execArgv,
    serialization: 'advanced',
    stdio: ['ignore', output, output, 'ipc'],
  })
  closeSync(output)
  const started = new Child(child, log)
  lifetime.defer(() => started.stop())
  return started
}

export class Child {
  constructor(
    private readonly process: ChildProcess,
    private readonly log: string
  ) {}

  get hasEnded(): boolean {
    return this.process.exitCode !== null || this.process.signalCode !== null
  }

  /** Sends a message and hears the answer. */
  ask<Answer>(message: Serializable): Promise<Answer> {
    if (this.hasEnded) throw this.failure('has ended')
    this.process.send(message)
    return this.hear()
  }

  /** The next message. Throws when the process ends instead. */
  async hear<Message>(): Promise<Message> {
    const heard = new AbortController()
    const { signal } = heard
    const ended = once(this.process, 'exit', { signal }).then(() => {
      throw this.failure('ended')
    })
    // Left behind when a message wins.
    ended.catch(() => {})
    try {
      const [message] = await Promise.race([once(this.process, 'message', { signal }), ended])
      return message
    } finally {
      heard.abort()
    }
  }

  failure(what: string): Error {
    const words = readFileSync(this.log, 'utf8').trim().split('\n').slice(-20).join('\n')
    return new Error(`${this.process.spawnargs.slice(1).join(' ')} ${what}. It said:\n${words}`)
  }

  async stop() {
    if (this.hasEnded) return
    const ended = once(this.process, 'exit')
    this.process.kill('SIGTERM')
    const timer = setTimeout(() => this.process.kill('SIGKILL'), STOP_PATIENCE_MS)
    await ended
    clearTimeout(timer)
  }
}
