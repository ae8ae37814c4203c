import { writeFileSync } from 'node:fs'
import { benchLine, missesFloor, type Benchmark, type Report } from './benchmark.js'
import { machine } from './machine.js'
import { tableText } from './table.js'

const FILE = new URL('../RESULTS.md', import.meta.url)

export type Result = { benchmark: Benchmark; exitCode: number } & (
  { report: Report; failure?: never } | { report?: never; failure: string }
)

/** The page of the latest whole run. */
export function writeResults(results: Result[]) {
  const facts = { date: new Date().toISOString().slice(0, 10), ...machine() }
  const text = [
    '# Results',
    'Written by `npm run bench`. How each number is measured is in [README.md](README.md).',
    list(facts),
    ...results.map(section),
  ]
  writeFileSync(FILE, `${text.join('\n\n')}\n`)
}

function section({ benchmark, report, failure }: Result): string {
  const { name, about } = benchmark
  if (!report) return `## ${name}\n\n${about}.\n\n**Not measured.** ${failure}`
  const verdict = missesFloor(benchmark, report.value) ? ' — **below the floor**' : ''
  return [
    `## ${name}`,
    `${about}.`,
    `\`${benchLine(benchmark, report.value)}\`${verdict}`,
    tableText(report.table),
    list(report.settings),
    ...report.notes,
  ].join('\n\n')
}

function list(facts: Record<string, string | number>): string {
  return Object.entries(facts)
    .map(([name, value]) => `- ${name}: ${value}`)
    .join('\n')
}
