import { createHash } from 'node:crypto'

/** What the try-a-model form sends. The input is read by the model's schema later. */
export interface TrialRequest {
  model: string
  organisation: string
  /** Made with the form: pressing twice starts one generation. */
  reference: string
  sent: Record<string, unknown>
}

export function readTrialRequest(body: Record<string, any>): TrialRequest {
  return {
    model: text(body.model),
    organisation: text(body.organisation),
    reference: text(body.reference).slice(0, 100),
    sent: typeof body.input === 'object' && body.input !== null ? body.input : {},
  }
}

export function idempotencyOf({ model, organisation, reference, sent }: TrialRequest) {
  const request = JSON.stringify([model, organisation, sent])
  const requestHash = createHash('sha256').update(request).digest('hex')
  return reference ? { key: `console:${reference}`, requestHash } : null
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
