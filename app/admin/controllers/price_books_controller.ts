import { inject } from '@adonisjs/core'
import type { HttpContext } from '@adonisjs/core/http'
import { PriceBookFault } from '#core/prices/errors'
import { PriceBookPage } from '#app/admin/queries/price_book_page_query'
import { fieldOf, readPageForm } from '#app/admin/validators/price_page_request'
import { PublishPage } from '#app/pricing/actions/publish_page'

@inject()
export default class PriceBooksController {
  constructor(
    private readonly page: PriceBookPage,
    private readonly publish: PublishPage
  ) {}

  async show({ request, view }: HttpContext) {
    const { target } = request.qs()
    const form = target ? { target: String(target) } : {}
    return view.render('pages/admin/price_book', await this.page.handle({ form }))
  }

  /** Adds a page, or shows what it would change (`only=preview`). */
  async store({ request, response, session, view, auth }: HttpContext) {
    const form = request.body()
    try {
      const wanted = readPageForm(form)
      if (form.only === 'preview') {
        const draft = this.publish.read(wanted)
        return view.render('pages/admin/price_book', await this.page.handle({ form, draft }))
      }
      const page = await this.publish.handle(wanted, `user:${auth.use('web').user!.id}`)
      session.flash('notice', `The page for ${page.target} is in the book. It is never changed.`)
      return response.redirect('/admin/price-book')
    } catch (error) {
      if (!(error instanceof PriceBookFault)) throw error
      const errors = { [fieldOf(error)]: error.mend }
      const shown = await this.page.handle({ form, errors })
      return response.status(422).send(await view.render('pages/admin/price_book', shown))
    }
  }
}
