export function median(values: number[]): number {
  return quantile(values, 0.5)
}

/** By linear interpolation between the two nearest. */
export function quantile(values: number[], q: number): number {
  if (values.length === 0) throw new RangeError('There is no quantile of nothing.')
  const sorted = values.toSorted((a, b) => a - b)
  const place = (sorted.length - 1) * q
  const low = sorted[Math.floor(place)]
  return low + (sorted[Math.ceil(place)] - low) * (place % 1)
}
