import type { Classified, Usage } from '#core/plugins/model_provider'
import { LocalFault } from './errors.js'

/** What the engine says of a finished work. */
export interface WorkReport {
  engine: string
  width: number
  height: number
  pixelsIn: number
}

/** A fault of ours names its class. Anything else is a defect or a lack of memory: its text stays in the log. */
export function classify(raw: unknown): Classified {
  if (raw instanceof LocalFault) return { class: raw.errorClass, message: raw.message }
  if (raw instanceof Error && raw.name === 'AbortError') {
    return { class: 'canceled', message: 'The work was stopped.' }
  }
  return { class: 'internal', message: 'The engine on this machine failed.' }
}

export function usage(raw: unknown): Usage {
  const { width, height, pixelsIn } = raw as WorkReport
  return { outputs: 1, pixelsOut: width * height, pixelsIn }
}
