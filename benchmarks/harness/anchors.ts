import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { AnchorMissing } from './benchmark.js'

const FOLDER = new URL('../anchors/', import.meta.url)
const LOCK = new URL('../anchors.lock', import.meta.url)

/**
 * Ratios of different days compare only while the anchors stay what they were: each file in
 * `anchors/` must be the one whose SHA-256 is in `anchors.lock`, in the format of sha256sum.
 */
export function assertAnchorsFrozen() {
  const locked = readFileSync(LOCK, 'utf8').trim()
  const found = readdirSync(FOLDER).sort().map(lockLine).join('\n')
  if (found === locked) return
  throw new AnchorMissing(
    `The anchors are not those of anchors.lock, so nothing compares with earlier results. ` +
      `Put them back; or, for new anchors, write a new lock and say so in the commit. Found:\n${found}`
  )
}

function lockLine(name: string): string {
  const digest = createHash('sha256')
    .update(readFileSync(new URL(name, FOLDER)))
    .digest('hex')
  return `${digest}  anchors/${name}`
}
