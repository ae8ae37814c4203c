import { runHeard } from './heard_process.js'

const TEST = new URL('../bin/test.ts', import.meta.url)
const TOTALS = /^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$/

interface Totals {
  passed: number
  failed: number
  skipped: number
}

/**
 * Runs suites as processes of their own, each with its own database, `width` at a time in the order
 * given. Their lines are told as they come, each with the name of its suite; in the end there is one
 * line with the totals of all. Answers whether all passed, which a suite that broke off did not.
 */
export async function runSideBySide(suites: string[], width: number): Promise<boolean> {
  const waiting = [...suites]
  const ended: (Totals & { isOk: boolean })[] = []
  const place = async () => {
    for (let suite = waiting.shift(); suite; suite = waiting.shift()) {
      ended.push(await runSuite(suite, Math.max(...suites.map(({ length }) => length))))
    }
  }
  await Promise.all(Array.from({ length: width }, place))

  const sum = (name: keyof Totals) => ended.reduce((all, totals) => all + totals[name], 0)
  const skipped = sum('skipped')
  console.log(
    `\n${sum('passed')} passed, ${sum('failed')} failed${skipped ? `, ${skipped} skipped` : ''}`
  )
  return ended.every(({ isOk }) => isOk)
}

async function runSuite(suite: string, margin: number): Promise<Totals & { isOk: boolean }> {
  const began = performance.now()
  const totals: Totals = { passed: 0, failed: 0, skipped: 0 }
  const say = (line: string) => console.log(`${suite.padEnd(margin)} │ ${line}`)
  const fault = await runHeard(TEST, [suite], {
    env: process.stdout.isTTY ? { FORCE_COLOR: '1' } : {},
    hear(line) {
      const [, passed, failed, skipped] = TOTALS.exec(line) ?? []
      if (passed) {
        totals.passed = Number(passed)
        totals.failed = Number(failed)
        totals.skipped = Number(skipped ?? 0)
      }
      say(line)
    },
  })
  if (fault) say(`failed (${fault})`)
  say(`ended after ${Math.round((performance.now() - began) / 1000)} s`)
  return { ...totals, isOk: fault === null && totals.passed + totals.failed > 0 }
}
