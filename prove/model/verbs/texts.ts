import type { Credits } from '#core/ledger/credits'
import type { StartResult } from '#core/queue/metered_jobs'
import type { Refusal } from '#core/quota/refusal'
import type { JobState } from '#core/queue/types'
import type { EndAnswer, StartAnswer } from '../oracle/jobs.js'
import type { Refusal as OracleRefusal } from '../oracle/holding.js'
import type { CounterState } from '../oracle/limits.js'

/** Answers in a line, so that both sides' can be compared. */

export function startText(result: StartResult): string {
  if (result.outcome === 'conflict') {
    return `conflict ${result.generationId.replace('gen_', 'job_')}`
  }
  if (result.outcome === 'refused') return holdRefusalText(result.refusal)
  const said = `${result.outcome} ${result.jobId}`
  if (result.outcome !== 'started') return said
  const { observed = [], waiting } = result
  const texts = [said, ...observed.map(({ rule }) => `observed ${rule}`)]
  if (waiting) {
    const { measure, window, scope, scopeId } = waiting
    texts.push(waitsText([measure, window, scope, scopeId].join(':')))
  }
  return texts.join(' ')
}

/** Each of the lines that would be right. */
export function startAnswerTexts(answer: StartAnswer): string[] {
  if (answer.outcome === 'refused') return holdRefusalTexts(answer.refusal)
  const said = `${answer.outcome} ${answer.job}`
  if (answer.outcome !== 'started') return [said]
  const { observed, anyGate } = answer
  const text = [said, ...observed.map(({ counter }) => `observed ${ruleText(counter)}`)].join(' ')
  return anyGate.length > 0 ? anyGate.map((gate) => `${text} ${waitsText(gate)}`) : [text]
}

const waitsText = (gate: string) => `waits ${gate}`

export function holdRefusalText(refusal: Refusal): string {
  switch (refusal.type) {
    case 'insufficient_credits':
      return `${refusal.type} ${refusal.needed.micro} ${refusal.available.micro} ${refusal.held.micro}`
    case 'limit_exceeded': {
      const { rule, limit, used, held, needed, clearsAt } = refusal.limit
      const clears = clearsAt ? clearsAt.getTime() * 1000 : 'never'
      return `${refusal.type} ${rule} ${limit} ${used} ${held} ${needed} ${clears}`
    }
    default:
      return refusal.type
  }
}

export function holdRefusalTexts(refusal: OracleRefusal): string[] {
  switch (refusal.type) {
    case 'insufficient_credits':
      return [`${refusal.type} ${refusal.needed} ${refusal.available} ${refusal.held}`]
    case 'limit_exceeded':
      return refusal.any.map((state) => `${refusal.type} ${limitText(state)}`)
    default:
      return [refusal.type]
  }
}

function limitText({ counter, window, max, used, held, needed }: CounterState): string {
  const clears = Number.isFinite(window.end) && needed <= max ? window.end : 'never'
  return `${ruleText(counter)} ${max} ${used} ${held} ${needed} ${clears}`
}

const ruleText = ({ scope, measure, size }: CounterState['counter']) =>
  `${scope}_${measure}_per_${size}`

type AnyEnd = { outcome: string; state?: JobState; charged?: Credits | bigint }

export function endText(result: AnyEnd | EndAnswer): string {
  if (!('state' in result)) return result.outcome
  const { outcome, state, charged } = result as Required<AnyEnd>
  return `${outcome} ${state} ${typeof charged === 'bigint' ? charged : charged.micro}`
}
