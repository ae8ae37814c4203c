/** An exact number: `numerator / denominator`, the latter above zero. */
export interface Rational {
  numerator: bigint
  denominator: bigint
}

export const ZERO: Rational = { numerator: 0n, denominator: 1n }

const NOISE_DIGITS = 9

/** Rates are few and read for every price. What vendors report are many, so it is emptied when full. */
const read = new Map<string, Rational>()
const MOST_READ = 1_000

/** `"0.30"` as 30/100, without a float in between. Refuses signs, exponents and anything else. */
export function decimal(text: string): Rational {
  const known = read.get(text)
  if (known) return known
  if (read.size >= MOST_READ) read.clear()
  const fresh = readDecimal(text)
  read.set(text, fresh)
  return fresh
}

function readDecimal(text: string): Rational {
  const match = /^(\d+)(?:\.(\d+))?$/.exec(text)
  if (!match) throw new RangeError(`"${text}" is not a rate. Write a decimal such as "0.03".`)
  const [, units, fraction = ''] = match
  return { numerator: BigInt(units + fraction), denominator: 10n ** BigInt(fraction.length) }
}

/**
 * A measured count to the millionth, rounded up. Its decimals are read, not multiplied: to a
 * float, 2.007 × 1,000,000 is more than 2,007,000. What lies beyond nine decimals is noise.
 */
export function counted(count: number): Rational {
  if (!Number.isFinite(count) || count < 0) {
    throw new RangeError(`${count} is not a count. A price counts what is there: zero or more.`)
  }
  if (Number.isSafeInteger(count)) return whole(count)
  const [units, fraction] = count.toFixed(NOISE_DIGITS).split('.')
  const floor = BigInt(units + fraction.slice(0, 6))
  const millionths = Number(fraction.slice(6)) > 0 ? floor + 1n : floor
  return { numerator: millionths, denominator: 1_000_000n }
}

export function whole(count: bigint | number): Rational {
  return { numerator: BigInt(count), denominator: 1n }
}

export function add(a: Rational, b: Rational): Rational {
  return {
    numerator: a.numerator * b.denominator + b.numerator * a.denominator,
    denominator: a.denominator * b.denominator,
  }
}

export function multiply(a: Rational, b: Rational): Rational {
  return { numerator: a.numerator * b.numerator, denominator: a.denominator * b.denominator }
}

/** `b` must not be zero. */
export function divide(a: Rational, b: Rational): Rational {
  if (b.numerator === 0n) throw new RangeError('Nothing is divided by zero.')
  return { numerator: a.numerator * b.denominator, denominator: a.denominator * b.numerator }
}

/** At zero where it would be less. */
export function less(a: Rational, b: Rational): Rational {
  const difference = a.numerator * b.denominator - b.numerator * a.denominator
  return difference <= 0n
    ? ZERO
    : { numerator: difference, denominator: a.denominator * b.denominator }
}

/** Below zero, zero or above it, as a sort wants it. */
export function compare(a: Rational, b: Rational): number {
  const difference = a.numerator * b.denominator - b.numerator * a.denominator
  return difference < 0n ? -1 : difference > 0n ? 1 : 0
}

/** The next whole number: 2.0001 is 3, and 2 is 2. */
export function ceiling({ numerator, denominator }: Rational): bigint {
  return (numerator + denominator - 1n) / denominator
}

/** The nearest whole number, a half upwards. */
export function nearest({ numerator, denominator }: Rational): bigint {
  return (2n * numerator + denominator) / (2n * denominator)
}

/** For people: as a decimal of at most `digits` places, cut off and never rounded. */
export function decimalText({ numerator, denominator }: Rational, digits = 12): string {
  const scaled = (numerator * 10n ** BigInt(digits)) / denominator
  const padded = scaled.toString().padStart(digits + 1, '0')
  const fraction = padded.slice(-digits).replace(/0+$/, '')
  return padded.slice(0, -digits) + (fraction && `.${fraction}`)
}
