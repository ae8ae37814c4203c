import {
  operatorModels,
  type OperatorModel,
  type OperatorTerms,
} from '#core/plugins/operator_models'

const TERMS: OperatorTerms = {
  plugin: 'fal',
  variable: 'FAL_MODELS',
  calls: /^[\w.-]+(\/[\w.-]+)+$/,
  example: '"fal-ai/name", or "fal-ai/name/part"',
  common: {
    cancel: true,
    execution: {
      shape: 'poll',
      timeoutMs: 60_000,
      pollIntervalMs: 2_000,
      callback: 'unsigned',
      deadlineMs: 1_800_000,
      maxAttempts: 3,
    },
    // What was refused after it had begun may be billed, and what was stopped, too.
    billedOn: { block: 'platform', cancel: 'platform' },
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
