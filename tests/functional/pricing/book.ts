import app from '@adonisjs/core/services/app'
import type { BookPage } from '#core/prices/read_book_page'
import { PublishPage } from '#app/pricing/actions/publish_page'

/**
 * Adds a page to the book that all tests share, and answers how to undo it: by one more page,
 * as an operator would.
 */
export async function publish(page: BookPage): Promise<() => Promise<void>> {
  const action = await app.container.make(PublishPage)
  await action.handle(page, 'system:test')
  return async () => {
    await action.handle({ target: page.target, inherit: true }, 'system:test')
  }
}
