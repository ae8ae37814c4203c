import type { BookPage } from '#core/prices/read_book_page'

/**
 * What users pay for what vendors charge, where no page of the database says otherwise
 * (`/admin/prices`, `node ace prices:set`). See docs/prices.md.
 */
export default [
  { version: '2026-11', target: '*', markup: '1.5', usdPerCredit: '0.10' },
] satisfies BookPage[]
