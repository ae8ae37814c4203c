import { Credits, type Usd } from '../ledger/credits.js'
import { decimal } from './evaluate.js'

/** The operator's policy over vendor prices, as written in `config/price_book.ts`. */
export interface PriceBookPolicy {
  /** Names this policy on holds, so that a past job can be priced again. */
  version: string
  /** What one credit sells for, in dollars: `"0.10"`. */
  usdPerCredit: string
  /** The factor on the vendor's price: `"1.5"` adds half. */
  markup: string
}

/** The one door between what vendors charge (dollars) and what users pay (credits). */
export class PriceBook {
  readonly #numerator: bigint
  readonly #denominator: bigint

  constructor(readonly policy: PriceBookPolicy) {
    const markup = decimal(policy.markup)
    const credit = decimal(policy.usdPerCredit)
    this.#numerator = markup.numerator * credit.denominator
    this.#denominator = markup.denominator * credit.numerator
  }

  get version() {
    return this.policy.version
  }

  /** The user's price of a vendor cost, rounded up once to a micro-credit. */
  credits(cost: Usd): Credits {
    const numerator = cost.micro * this.#numerator
    return Credits.fromMicro((numerator + this.#denominator - 1n) / this.#denominator)
  }
}
