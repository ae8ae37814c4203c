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
  constructor(readonly policy: PriceBookPolicy) {}

  get version() {
    return this.policy.version
  }

  /** The user's price of a vendor cost, rounded up once to a micro-credit. */
  credits(cost: Usd): Credits {
    const markup = decimal(this.policy.markup)
    const credit = decimal(this.policy.usdPerCredit)
    const numerator = cost.micro * markup.numerator * credit.denominator
    const denominator = markup.denominator * credit.numerator
    return Credits.fromMicro((numerator + denominator - 1n) / denominator)
  }
}
