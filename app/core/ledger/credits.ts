import { AmountFault } from './errors.js'

/** Micro-units in one whole unit, for credits and dollars alike. */
const MICRO = 1_000_000n

/** The largest amount a Postgres `bigint` holds; anything above is refused at the door. */
const LARGEST = 2n ** 63n - 1n

/** The same as a decimal. */
const MOST = '9223372036854.775807'

const DECIMAL = /^-?\d{1,13}(\.\d+)?$/
const TOO_LONG = /^-?\d{14,}(\.\d+)?$/

/**
 * An exact amount in micro-units. `Credits` is what users hold and spend, `Usd`
 * is what vendors charge; they are two types so that neither is mistaken for the
 * other. The price book is the only place where one becomes the other.
 */
abstract class Amount {
  constructor(readonly micro: bigint) {
    if (micro > LARGEST || micro < -LARGEST) {
      throw new AmountFault(
        `${micro} micro-units do not fit in 64 bits. Use at most ${MOST}, up or down.`
      )
    }
  }

  get isZero() {
    return this.micro === 0n
  }

  /** The decimal string of whole units without trailing zeros: `1250000n` is `"1.25"`. */
  toString() {
    const sign = this.micro < 0n ? '-' : ''
    const size = this.micro < 0n ? -this.micro : this.micro
    const fraction = (size % MICRO).toString().padStart(6, '0').replace(/0+$/, '')
    return `${sign}${size / MICRO}${fraction ? `.${fraction}` : ''}`
  }

  toJSON() {
    return this.toString()
  }
}

export class Credits extends Amount {
  declare private readonly brand: 'credits'

  static readonly zero = new Credits(0n)

  static fromMicro(micro: bigint | string) {
    return new Credits(BigInt(micro))
  }

  /** Reads `"1.25"`. Throws `E_AMOUNT_INVALID` for anything finer than a micro-credit or not a decimal. */
  static parse(decimal: string) {
    return new Credits(parseMicro(decimal))
  }

  plus(other: Credits) {
    return new Credits(this.micro + other.micro)
  }

  minus(other: Credits) {
    return new Credits(this.micro - other.micro)
  }
}

export class Usd extends Amount {
  declare private readonly brand: 'usd'

  static readonly zero = new Usd(0n)

  static fromMicro(micro: bigint | string) {
    return new Usd(BigInt(micro))
  }

  static parse(decimal: string) {
    return new Usd(parseMicro(decimal))
  }
}

function parseMicro(decimal: string): bigint {
  if (TOO_LONG.test(decimal)) {
    throw new AmountFault(
      `"${decimal.slice(0, 40)}" is too large. Use at most ${MOST}, up or down.`
    )
  }
  if (!DECIMAL.test(decimal)) {
    throw new AmountFault(`"${decimal}" is not an amount. Write a decimal such as "12.5".`)
  }
  const negative = decimal.startsWith('-')
  const [whole, fraction = ''] = decimal.replace('-', '').split('.')
  const significant = fraction.replace(/0+$/, '')
  if (significant.length > 6) {
    throw new AmountFault(`"${decimal}" is finer than a millionth. Use at most six decimals.`)
  }
  const micro = BigInt(whole) * MICRO + BigInt(significant.padEnd(6, '0'))
  return negative ? -micro : micro
}
