import type { PriceBookPolicy } from '#core/prices/price_book'

/** What users pay for what vendors charge. A new policy gets a new version. */
export default {
  version: '2026-11',
  usdPerCredit: '0.10',
  markup: '1.5',
} satisfies PriceBookPolicy
