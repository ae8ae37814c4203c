const UNITS: Record<string, (amount: number) => string> = {
  outputs: (amount) => (amount === 1 ? '1 output' : `${amount} outputs`),
  pixelsOut: (amount) => `${(amount / 1e6).toFixed(2)} MP out`,
  pixelsIn: (amount) => `${(amount / 1e6).toFixed(2)} MP in`,
  seconds: (amount) => `${amount} s of film`,
}

/** What an attempt was measured to have made: `1 output, 1.05 MP out`. */
export function unitsText(units: Record<string, number>): string {
  return Object.entries(units)
    .filter(([, amount]) => Number(amount) > 0)
    .map(([name, amount]) => UNITS[name]?.(Number(amount)) ?? `${amount} ${name}`)
    .join(', ')
}
