import type { TrialResult } from './trial.js'

const WIDTHS = [38, 10, 8, 10, 10, 10, 10, 18, 7]
const HEAD = ['Model', 'State', 'Seconds', 'Quoted', 'Held', 'Settled', 'Vendor $', 'Reported']

export function headLine(): string {
  return lineOf([...HEAD, 'Drift'])
}

/** One model, and beneath it what does not fit. */
export function resultLines(result: TrialResult): string[] {
  const { model, state, ms, quoted, held, settled, vendorCost, reported, drift } = result
  const line = lineOf([
    ...[model, state, (ms / 1000).toFixed(1)],
    ...[quoted, held, settled].map((credits) => credits?.toString() ?? ''),
    vendorCost === null ? '' : vendorCost.toString(),
    reported ? `${reported.amount} ${reported.unit}` : '',
    drift ? percent(drift.part) : '',
  ])
  return [line, ...result.problems.map((problem) => `  FAILS: ${problem}`)]
}

export function percent(part: number): string {
  return `${part > 0 ? '+' : ''}${(part * 100).toFixed(1)}%`
}

function lineOf(cells: string[]): string {
  return cells
    .map((cell, n) => cell.padEnd(WIDTHS[n]))
    .join(' ')
    .trimEnd()
}
