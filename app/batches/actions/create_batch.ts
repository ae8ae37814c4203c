import { inject } from '@adonisjs/core'
import { setImmediate as breathe } from 'node:timers/promises'
import db from '@adonisjs/lucid/services/db'
import { newId } from '#core/ids'
import { Credits } from '#core/ledger/credits'
import type { Actor } from '#core/ledger/types'
import { namedReferences } from '#core/plugins/references'
import { PluginRegistry } from '#core/plugins/registry'
import { canonical } from '#core/prices/digest'
import { JobQueue } from '#core/queue/job_queue'
import settings from '#config/batches'
import { earlierBatchQuery, openBatchesQuery } from '#app/batches/queries/batches_query'
import { PriceInput, type InputProblem } from '#app/generations/actions/price_input'
import { CallbackUrls } from '#app/outbound/callback_urls'

export interface BatchItemRequest {
  model: string
  input: Record<string, unknown>
  endUser?: string
  metadata?: Record<string, string>
}

interface BatchRequest {
  accountId: string
  actor: Actor
  keyId: string | null
  userId: string | null
  items: BatchItemRequest[]
  budget?: Credits
  deadline?: Date
  webhookUrl?: string
  metadata?: Record<string, string>
  idempotencyKey: string | null
  requestHash: string
}

export type CreateBatchOutcome =
  | { outcome: 'created' | 'exists' | 'conflict'; id: string }
  | { outcome: 'invalid'; problem: InputProblem }
  | { outcome: 'too_many'; limit: number }

interface CheckedItem {
  input: Record<string, unknown>
  ceiling: Credits
}

type CheckedItems = { ok: true; items: CheckedItem[] } | { ok: false; problem: InputProblem }

/** Items that are checked before others get their turn. */
const AT_ONCE = 50

/** Takes a batch whose every item could be started, with the job that begins it. Holds nothing yet. */
@inject()
export class CreateBatch {
  constructor(
    private readonly priceInput: PriceInput,
    private readonly registry: PluginRegistry,
    private readonly callbacks: CallbackUrls,
    private readonly queue: JobQueue
  ) {}

  async handle(request: BatchRequest, now = new Date()): Promise<CreateBatchOutcome> {
    const known = await earlier(request)
    if (known) return known
    const problem = termsProblem(request, now) ?? (await this.#callbackProblem(request.webhookUrl))
    if (problem) return { outcome: 'invalid', problem }
    const limit = settings.openPerOrganisation
    if ((await openBatchesQuery(request.accountId)) >= limit) return { outcome: 'too_many', limit }
    const checked = await this.#check(request)
    if (!checked.ok) return { outcome: 'invalid', problem: checked.problem }
    const id = newId('bat')
    if (!(await keep(id, request, checked.items, now))) return (await earlier(request))!
    this.queue.wake()
    return { outcome: 'created', id }
  }

  async #callbackProblem(url: string | undefined): Promise<InputProblem | null> {
    const refusal = url === undefined ? null : await this.callbacks.check(url)
    return refusal && { code: refusal.type, param: '/webhook_url', message: refusal.message }
  }

  /** Equal items are priced once. */
  async #check({ accountId, actor, items }: BatchRequest): Promise<CheckedItems> {
    const known = new Map<string, CheckedItem>()
    const checked: CheckedItem[] = []
    for (const [n, { model, input }] of items.entries()) {
      if (n % AT_ONCE === AT_ONCE - 1) await breathe()
      const words = canonical([model, input])
      let item = known.get(words)
      if (!item) {
        const problem = this.#remoteFile(model, input)
        const priced = problem
          ? { ok: false as const, problem }
          : await this.priceInput.handle({ accountId, model, input, createdBy: actor })
        if (!priced.ok) return { ok: false, problem: atItem(n, priced.problem) }
        item = { input: priced.input, ceiling: priced.price.credits }
        known.set(words, item)
      }
      checked.push(item)
    }
    return { ok: true, items: checked }
  }

  /** Fetching thousands of files in one request would take longer than anybody waits for it. */
  #remoteFile(model: string, input: Record<string, unknown>): InputProblem | null {
    const files = namedReferences(this.registry.find(model)?.references ?? {}, input)
    const remote = files.find(({ value }) => /^https?:/i.test(String(value)))
    if (!remote) return null
    return {
      code: 'reference_invalid',
      param: `/input/${remote.at}`,
      message:
        'Items of a batch take files as assets (ast_…), not as URLs. POST /v1/uploads makes an asset of a file.',
    }
  }
}

function atItem(n: number, { param, message, ...problem }: InputProblem): InputProblem {
  return { ...problem, param: `/items/${n}${param}`, message: `Item ${n}: ${message}` }
}

async function earlier({ accountId, idempotencyKey, requestHash }: BatchRequest) {
  const known = idempotencyKey && (await earlierBatchQuery(accountId, idempotencyKey))
  if (!known) return null
  const outcome = known.requestHash === requestHash ? 'exists' : 'conflict'
  return { outcome, id: known.id } as const
}

function termsProblem({ budget, deadline }: BatchRequest, now: Date): InputProblem | null {
  if (budget && budget.micro <= 0n) {
    const message = 'A batch needs a budget above zero. Leave max_credits out to set none.'
    return { code: 'invalid_parameter', param: '/max_credits', message }
  }
  if (!deadline) return null
  const ahead = deadline.getTime() - now.getTime()
  if (ahead > 0 && ahead <= settings.deadline.longest) return null
  const message = 'The deadline must lie in the future, at most 7 days ahead.'
  return { code: 'invalid_parameter', param: '/deadline', message }
}

async function keep(id: string, request: BatchRequest, checked: CheckedItem[], now: Date) {
  const { accountId, items, budget, deadline } = request
  const estimate = checked.reduce((sum, { ceiling }) => sum + ceiling.micro, 0n)
  const batch = {
    account_id: accountId,
    id,
    actor: request.actor,
    key_id: request.keyId,
    user_id: request.userId,
    idempotency_key: request.idempotencyKey,
    request_hash: request.requestHash,
    size: items.length,
    estimate_micro: estimate.toString(),
    budget_micro: budget?.micro.toString() ?? null,
    deadline: deadline ?? new Date(now.getTime() + settings.deadline.standard),
    webhook_url: request.webhookUrl ?? null,
    metadata: request.metadata ?? {},
  }
  const rows = items.map(({ model, endUser, metadata }, n) => ({
    n,
    generation_id: newId('gen'),
    model,
    input: checked[n].input,
    metadata: metadata ?? {},
    end_user: endUser ?? null,
    ceiling_micro: checked[n].ceiling.micro.toString(),
  }))
  const { rows: answers } = await db.rawQuery('select batch_create(?, ?) as created', [
    JSON.stringify(batch),
    JSON.stringify(rows),
  ])
  return answers[0].created as boolean
}
