import {
  operatorModels,
  type OperatorModel,
  type OperatorTerms,
} from '#core/plugins/operator_models'

const TERMS: OperatorTerms = {
  plugin: 'replicate',
  variable: 'REPLICATE_MODELS',
  // Whoever writes a version gets that version, and else the one of today.
  calls: /^[\w.-]+\/[\w.-]+(:[0-9a-f]{64})?$/,
  example: '"owner/name", or "owner/name:version" with its 64 letters',
  common: {
    cancel: true,
    execution: {
      shape: 'poll',
      timeoutMs: 60_000,
      pollIntervalMs: 2_000,
      callback: 'signed',
      deadlineMs: 1_800_000,
      maxAttempts: 3,
    },
    // Of what is stopped, the time until then is billed.
    billedOn: { cancel: 'platform' },
    output: { transport: 'url', ttlSeconds: 3_600 },
  },
}

/** The models of an operator's file, which `README.md` explains. */
export function offersOf(path: string): OperatorModel[] {
  return operatorModels(TERMS, path)
}

export const { timeoutMs, pollIntervalMs } = TERMS.common.execution as {
  timeoutMs: number
  pollIntervalMs: number
}
