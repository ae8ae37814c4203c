import type { PriceBookFault } from '#core/prices/errors'

type Form = Record<string, unknown>

/** The fields of the form, by what they are called in a page of the book. */
const FIELDS: Record<string, string> = {
  'usdPerCredit': 'usd_per_credit',
  'fixed': 'terms',
  'inherit': 'terms',
  'fixed.credits': 'fixed_credits',
  'fixed.per': 'fixed_per',
  'rounding.to': 'round_to',
  'rounding.mode': 'round_mode',
  'effectiveFrom': 'effective_from',
  'effectiveUntil': 'effective_until',
}
const SHOWN = ['target', 'markup', 'timezone', 'note']

/** The form as a page of the book; what is wrong in it is found when the page is read. */
export function readPageForm(form: Form): Record<string, unknown> {
  const rounding = given({ to: textOf(form.round_to), mode: textOf(form.round_mode) })
  return given({
    target: textOf(form.target),
    effectiveFrom: textOf(form.effective_from),
    effectiveUntil: textOf(form.effective_until),
    timezone: textOf(form.timezone),
    note: textOf(form.note),
    ...termsOf(form),
    rounding: form.terms === 'inherit' || Object.keys(rounding).length === 0 ? undefined : rounding,
  })
}

/** Where in the form a fault is shown. */
export function fieldOf({ field }: PriceBookFault): string {
  return FIELDS[field] ?? (SHOWN.includes(field) ? field : 'target')
}

function termsOf(form: Form): Record<string, unknown> {
  if (form.terms === 'inherit') return { inherit: true }
  if (form.terms === 'fixed') {
    const [credits, per] = [textOf(form.fixed_credits), textOf(form.fixed_per)]
    return { fixed: given({ credits, per }) }
  }
  return { markup: textOf(form.markup) ?? '', usdPerCredit: textOf(form.usd_per_credit) }
}

function textOf(value: unknown): string | undefined {
  const text = typeof value === 'string' ? value.trim() : ''
  return text === '' ? undefined : text
}

function given(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
}
