import type { Terms } from '#core/prices/price_model'
import type { ModelPrice, PriceRule } from '#core/prices/price_rule'

/** A price with a page that adds nothing: a credit for a dime, or for as much as is said. */
export function plainTerms(
  price: ModelPrice | PriceRule,
  { markup = '1', usdPerCredit = '0.10' } = {}
): Terms {
  return {
    price: 'rule' in price ? price : { version: '1', source: 'test', rule: price },
    page: {
      id: 'test',
      target: '*',
      effectiveFrom: new Date(0),
      effectiveUntil: null,
      terms: { kind: 'markup', markup, usdPerCredit, rounding: { to: '0.000001', mode: 'up' } },
      origin: 'config',
      actor: 'system:test',
      note: '',
      createdAt: new Date(0),
    },
  }
}
