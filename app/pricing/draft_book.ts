import { PriceBook } from '#core/prices/price_book'
import type { ReadPage } from '#core/prices/read_book_page'

/** The book as it would be with one page more. */
export function bookWith(book: PriceBook, page: ReadPage): PriceBook {
  const draft = {
    ...page,
    id: 'draft',
    origin: 'database' as const,
    actor: 'system:draft',
    createdAt: new Date(),
  }
  return new PriceBook([...book.versions, draft])
}
