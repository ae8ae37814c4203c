import type { BookTerms } from '#core/prices/price_book'

/** `× 1.5 at $0.1 a credit, up to 0.01`. */
export function termsText(terms: BookTerms): string {
  if (terms.kind === 'inherit') return 'as the wider target'
  const { rounding } = terms
  const rounded = `${rounding.mode === 'up' ? 'up to' : 'to the nearest'} ${rounding.to}`
  return terms.kind === 'markup'
    ? `× ${terms.markup} at $${terms.usdPerCredit} a credit, ${rounded}`
    : `${terms.credits} credits per ${terms.per}, ${rounded}`
}
