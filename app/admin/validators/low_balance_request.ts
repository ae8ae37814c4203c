import { Credits } from '#core/ledger/credits'

/** Reads the field: a decimal of credits, or nothing for the platform's figure. */
export function readLowBalance(
  value: unknown
): { ok: true; below: Credits | null } | { ok: false; problem: string } {
  const text = String(value ?? '').trim()
  if (!text) return { ok: true, below: null }
  try {
    const below = Credits.parse(text)
    if (below.micro >= 0n) return { ok: true, below }
    return { ok: false, problem: 'Write zero or more credits.' }
  } catch (error) {
    return { ok: false, problem: (error as Error).message }
  }
}
