import type { Credits } from '#core/ledger/credits'

const WHOLE = /\B(?=(\d{3})+$)/g

/** `1250000000n` micro-credits as `1,250.00`: exact, grouped, at least two decimals. */
export function creditsText(amount: Credits): string {
  const [whole, fraction = ''] = amount.toString().split('.')
  return `${minus(whole.replace(WHOLE, ','))}.${fraction.padEnd(2, '0')}`
}

/** The same with its sign in front, for what came in and what went out. */
export function signedCreditsText(amount: Credits): string {
  return amount.micro > 0n ? `+${creditsText(amount)}` : creditsText(amount)
}

export function countText(count: number | bigint): string {
  return minus(count.toString().replace(WHOLE, ','))
}

export function bytesText(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`
  if (bytes < 1_000_000) return `${Math.round(bytes / 1000)} kB`
  return `${(bytes / 1_000_000).toFixed(1)} MB`
}

/** The minus of typography is as wide as a digit, so that columns stay columns. */
function minus(text: string): string {
  return text.replace('-', '−')
}
