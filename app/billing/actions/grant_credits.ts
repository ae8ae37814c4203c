import { inject } from '@adonisjs/core'
import type { Credits } from '#core/ledger/credits'
import { Ledger } from '#core/ledger/ledger'
import type { Actor, GrantKind, GrantResult, GrantRestriction } from '#core/ledger/types'
import { PluginRegistry } from '#core/plugins/registry'

/** What may be granted by hand. Refund grants are made by refunds. */
export const HAND_KINDS = ['admin', 'promo', 'topup', 'cycle'] as const satisfies GrantKind[]

interface GrantCreditsRequest {
  accountId: string
  amount: Credits
  reason: string
  actor: Actor
  /** Made by the form: a second press of the button grants nothing more. */
  reference: string
  /** One of `HAND_KINDS`; `admin` without one. */
  kind?: string
  /** 0–100, drawn from low to high. */
  priority?: number
  expiresAt?: Date
  /** Names of models (`sandbox/image`) and kinds (`video`) it may pay for; none for anything. */
  only?: string[]
}

export type GrantOutcome =
  GrantResult | { outcome: 'invalid'; field: 'only' | 'kind'; message: string }

/** Credits by an operator's hand, with a reason that the ledger keeps. */
@inject()
export class GrantCredits {
  constructor(
    private readonly ledger: Ledger,
    private readonly registry: PluginRegistry
  ) {}

  async handle(request: GrantCreditsRequest): Promise<GrantOutcome> {
    const { only = [] } = request
    const kind = HAND_KINDS.find((known) => known === (request.kind ?? 'admin'))
    if (!kind) {
      const message = `"${request.kind}" is no kind to grant by hand. Use: ${HAND_KINDS.join(', ')}.`
      return { outcome: 'invalid', field: 'kind', message }
    }
    const problem = this.#problem(only)
    if (problem) return { outcome: 'invalid', field: 'only', message: problem }
    return this.ledger.grant({
      kind,
      accountId: request.accountId,
      amount: request.amount,
      priority: request.priority,
      restrictedTo: restrictionOf(only),
      source: 'admin',
      sourceRef: request.reference,
      actor: request.actor,
      reason: request.reason,
      expiresAt: request.expiresAt ?? null,
    })
  }

  /** A name that no plugin knows would make credits that pay for nothing. */
  #problem(only: string[]): string | null {
    const models = this.registry.plugins.flatMap((plugin) => plugin.models)
    const kinds = [...new Set(models.map(({ kind }) => kind as string))]
    const wrong = only.find(
      (name) => !kinds.includes(name) && !models.some((model) => model.name === name)
    )
    if (wrong === undefined) return null
    return wrong.includes('/')
      ? `There is no model "${wrong}". Did you mean ${this.registry.nearest(wrong).join(', ')}?`
      : `"${wrong}" is neither a model nor a kind. Kinds: ${kinds.join(', ')}.`
  }
}

function restrictionOf(only: string[]): GrantRestriction | null {
  if (only.length === 0) return null
  const isModel = (name: string) => name.includes('/')
  return { models: only.filter(isModel), kinds: only.filter((name) => !isModel(name)) }
}
