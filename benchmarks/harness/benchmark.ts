import type { Table } from './table.js'

export interface Benchmark {
  name: string
  /** What is measured against what, in a sentence. */
  about: string
  unit: 'x' | 'ms' | 's' | 'trips'
  better: 'higher' | 'lower'
  /** Missing it fails the run. */
  floor: number
  target: number
  /** Measures once. What it starts, it hands to `lifetime`, which is disposed of after the run. */
  run(lifetime: AsyncDisposableStack): Promise<Report>
}

export interface Report {
  value: number
  settings: Record<string, string | number>
  table: Table
  /** What else is worth knowing, a line each. */
  notes: string[]
}

/** The anchor is not to be had here, or the machine is too busy for a ratio to mean anything. */
export class AnchorMissing extends Error {}

/** The numbers do not count: what was answered and what was written differ. */
export class NotHonest extends Error {}

/** Fails the run unless both are equal. */
export function same(what: string, actual: unknown, expected: unknown) {
  if (String(actual) !== String(expected)) {
    throw new NotHonest(`${what}: ${actual}, but it should be ${expected}.`)
  }
}

export function missesFloor({ better, floor }: Benchmark, value: number): boolean {
  return better === 'higher' ? value < floor : value > floor
}

export function benchLine({ name, unit, better, floor, target }: Benchmark, value: number): string {
  const rounded = Number(value.toPrecision(4))
  return `BENCH ${name} value=${rounded} unit=${unit} better=${better} floor=${floor} target=${target}`
}
