import { setTimeout as wait } from 'node:timers/promises'
import { inject } from '@adonisjs/core'
import { Exception } from '@adonisjs/core/exceptions'
import { Logger } from '@adonisjs/core/logger'
import { failpoint } from '#core/failpoint'
import { fetchOutputs } from '#core/plugins/fetch_outputs'
import type {
  OutputFile,
  OutputLink,
  ProviderAnswer,
  ProviderOutput,
  Usage,
} from '#core/plugins/model_provider'
import { PluginRegistry } from '#core/plugins/registry'
import {
  VendorAnswerTooLarge,
  VendorDownloadFailed,
  VendorHostRefused,
} from '#core/plugins/vendor_http'
import { JobQueue } from '#core/queue/job_queue'
import type { Delivery } from '#app/generations/actions/deliver_outputs'
import { LeaseLost, type Attempt } from '#app/generations/attempt'
import { Patience } from '#app/generations/patience'

export type Done = Extract<ProviderAnswer, { status: 'done' }>

/** Of one file that a vendor keeps for us: what the largest film takes. */
const LARGEST_FILE = 512 * 1024 * 1024
const TIMEOUT_MS = 120_000
const FIRST_PAUSE_MS = 500
const LONGEST_PAUSE_MS = 15_000
/** A file may be there a moment after its link. One that is gone does not come back. */
const TRIES_WHEN_GONE = 4
const GONE = [403, 404, 410]

/** What a job keeps in place of a vendor's handle while only its files are still to be fetched. */
interface KeptAnswer {
  fetching: { outputs: OutputLink[]; raw: unknown; until: string }
}

/**
 * Fetches what a vendor keeps for us before its links die, again and again: never by asking for the
 * work anew, which would be paid twice. Before anything is settled, so that nobody pays for a link.
 */
@inject()
export class FetchOutputs {
  constructor(
    private readonly registry: PluginRegistry,
    private readonly queue: JobQueue,
    private readonly patience: Patience,
    private readonly logger: Logger
  ) {}

  async handle(attempt: Attempt, { outputs, raw }: Done): Promise<Delivery> {
    if (outputs.every((output) => 'bytes' in output)) return { outputs, raw }
    const until = await this.#until(attempt, outputs, raw)
    const files: OutputFile[] = []
    try {
      for (const output of outputs) files.push(await this.#fetched(attempt, output, until))
    } catch (error) {
      if (attempt.call.signal.aborted || error instanceof LeaseLost) throw error
      throw new OutputLost(error, attempt.provider.usage(raw))
    }
    return { outputs: files, raw }
  }

  /**
   * Until when the links live. Work that can be asked about gives its links again; other work has to
   * be kept with them, so that a worker that is lost takes nothing along.
   */
  async #until(attempt: Attempt, outputs: ProviderOutput[], raw: unknown): Promise<number> {
    const { job, lease, model, call } = attempt
    const kept = keptAnswer(attempt.handle)
    if (kept) return Date.parse(kept.until)
    const { ttlSeconds } = model.output
    const deadline = job.deadline.getTime()
    const until = Math.min(deadline, Date.now() + (ttlSeconds ?? Number.POSITIVE_INFINITY) * 1000)
    const links = outputs.filter((output): output is OutputLink => !('bytes' in output))
    if (attempt.handle || links.length < outputs.length) return until
    const handle: KeptAnswer = {
      fetching: { outputs: links, raw, until: new Date(until).toISOString() },
    }
    const isOurs = await this.patience.until(call.signal, () =>
      this.queue.keep(lease, { ...handle })
    )
    if (!isOurs) throw new LeaseLost()
    failpoint('after-hand-off')
    return until
  }

  async #fetched({ job, model, call }: Attempt, output: ProviderOutput, until: number) {
    const door = this.registry.door(model)
    const { signal } = call
    let pause = FIRST_PAUSE_MS
    for (let tries = 1; ; tries++) {
      try {
        const terms = { maxBytes: LARGEST_FILE, timeoutMs: TIMEOUT_MS, signal }
        const [file] = await fetchOutputs(door, [output], terms)
        return file
      } catch (error) {
        if (signal.aborted || isHopeless(error, tries) || Date.now() + pause >= until) throw error
        // The code and no more: a link is as good as a key.
        const { code } = error as { code?: string }
        this.logger.info({ job: job.id, code, tries }, 'an output could not be fetched yet')
      }
      await wait(pause, undefined, { signal })
      pause = Math.min(LONGEST_PAUSE_MS, pause * 2)
    }
  }
}

/** The answer that only has to be fetched, where that is what a job keeps. */
export function answerToFetch(handle: Record<string, unknown> | null): Done | null {
  const kept = keptAnswer(handle)
  return kept && { status: 'done', outputs: kept.outputs, raw: kept.raw }
}

function keptAnswer(handle: Record<string, unknown> | null) {
  return (handle as KeptAnswer | null)?.fetching ?? null
}

function isHopeless(error: unknown, tries: number): boolean {
  if (error instanceof VendorHostRefused || error instanceof VendorAnswerTooLarge) return true
  const isGone = error instanceof VendorDownloadFailed && GONE.includes(error.status ?? 0)
  return isGone && tries >= TRIES_WHEN_GONE
}

/** The vendor made it, and will bill it; nobody has it. */
class OutputLost extends Exception {
  static code = 'E_OUTPUT_LOST'
  static message = 'What the provider made could not be fetched.'

  constructor(
    cause: unknown,
    readonly usage: Usage
  ) {
    super(undefined, { cause })
  }
}
