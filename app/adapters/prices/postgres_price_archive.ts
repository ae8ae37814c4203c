import { newId } from '#core/ids'
import type { Actor } from '#core/ledger/types'
import type { RegisteredModel } from '#core/plugins/registry'
import { PriceVersionFault } from '#core/prices/errors'
import { PriceArchive } from '#core/prices/price_archive'
import { PriceBook, type BookVersion } from '#core/prices/price_book'
import type { ModelPrice } from '#core/prices/price_rule'
import type { ReadPage } from '#core/prices/read_book_page'
import { pinOf, pricesOf } from '#core/prices/vendor_price'
import type { Bus } from '#adapters/bus/bus'
import { json, type Sql } from '#adapters/postgres/sql'
import { pageOf, type PageRow } from './mapping.js'

const TOPIC = 'price_book'
/** A word of the bus can be lost; then a page is seen this much later. */
const LOOK_MS = 5_000

interface Logger {
  warn(facts: object, message: string): void
}

interface ArchiveOptions {
  sql: Sql
  bus: Bus
  /** The pages of the configuration. */
  configured: BookVersion[]
  models: () => RegisteredModel[]
  logger: Logger
  /** How often to look, in milliseconds. */
  lookMs?: number
}

/** The pages and rules as rows that are only ever added, and the book of them in memory. */
export class PostgresPriceArchive extends PriceArchive {
  #book: PriceBook
  #published: BookVersion[] = []
  #timer: NodeJS.Timeout | null = null
  readonly #options: ArchiveOptions
  readonly #old = new Map<string, ModelPrice>()

  constructor(options: ArchiveOptions) {
    super()
    this.#options = options
    this.#book = new PriceBook(options.configured)
  }

  get book() {
    return this.#book
  }

  /** Keeps what the configuration and the plugins say today, and begins to follow the database. */
  async open() {
    const { bus, logger, lookMs = LOOK_MS } = this.#options
    await this.#keepConfigured()
    await this.#keepVendorPrices()
    await this.#load()
    const look = () =>
      this.#load().catch((error) => logger.warn({ err: error }, 'the price book was not read'))
    bus.subscribe(TOPIC, look)
    this.#timer = setInterval(look, lookMs).unref()
  }

  close() {
    if (this.#timer) clearInterval(this.#timer)
  }

  async page(id: string): Promise<BookVersion> {
    const known = this.#book.versions.find((page) => page.id === id)
    if (known) return known
    const [row] = await this.#options.sql.rows<PageRow>(
      'select * from price_book_pages where id = $1',
      [id]
    )
    if (!row) throw new PriceVersionFault('page of the price book', id)
    return pageOf(row)
  }

  async vendorPrice(model: string, pin: string): Promise<ModelPrice> {
    const registered = this.#options.models().find(({ name }) => name === model)
    const current = registered && pricesOf(registered).find((price) => pinOf(price) === pin)
    const known = current ?? this.#old.get(`${model} ${pin}`)
    if (known) return known
    const [row] = await this.#options.sql.rows<ModelPrice>(
      'select version, source, rule from vendor_prices where model = $1 and pin = $2',
      [model, pin]
    )
    if (!row) throw new PriceVersionFault(`price of ${model}`, pin)
    this.#old.set(`${model} ${pin}`, row)
    return row
  }

  async publish(page: ReadPage, actor: Actor): Promise<BookVersion> {
    const { sql, bus } = this.#options
    const id = newId('bok')
    await sql.rows(
      `insert into price_book_pages
         (id, target, effective_from, effective_until, terms, origin, actor, note)
       values ($1, $2, $3, $4, $5, 'database', $6, $7)`,
      [id, page.target, page.effectiveFrom, page.effectiveUntil, json(page.terms), actor, page.note]
    )
    await this.#load()
    bus.publish(TOPIC, id)
    return this.page(id)
  }

  async #load() {
    const { sql, configured } = this.#options
    const { count } = await sql.row<{ count: bigint }>(
      `select count(*) from price_book_pages where origin = 'database'`
    )
    if (Number(count) === this.#published.length) return
    const rows = await sql.rows<PageRow>(`select * from price_book_pages where origin = 'database'`)
    this.#published = rows.map(pageOf)
    this.#book = new PriceBook([...configured, ...this.#published])
  }

  async #keepConfigured() {
    await this.#options.sql.rows(
      `insert into price_book_pages
         (id, target, effective_from, effective_until, terms, origin, actor, note)
       select id, target, effective_from, effective_until, terms, 'config', 'system:config', note
       from jsonb_to_recordset($1) c (id text, target text, effective_from timestamptz,
         effective_until timestamptz, terms jsonb, note text)
       on conflict (id) do nothing`,
      [
        json(
          this.#options.configured.map((page) => ({
            id: page.id,
            target: page.target,
            effective_from: page.effectiveFrom,
            effective_until: page.effectiveUntil,
            terms: page.terms,
            note: page.note,
          }))
        ),
      ]
    )
  }

  /** One name for two rules is told: prices are read by people, who go by the name. */
  async #keepVendorPrices() {
    const { sql, models, logger } = this.#options
    const prices = models().flatMap((model) =>
      pricesOf(model).map((price) => ({ ...price, model: model.name, pin: pinOf(price) }))
    )
    const renamed = await sql.rows<{ model: string; version: string }>(
      `with kept as (
         insert into vendor_prices (model, pin, version, source, rule)
         select model, pin, version, source, rule
         from jsonb_to_recordset($1) p (model text, pin text, version text, source text, rule jsonb)
         on conflict (model, pin) do nothing
         returning model, pin, version
       )
       select k.model, k.version from kept k
       join vendor_prices v on v.model = k.model and v.version = k.version and v.pin <> k.pin`,
      [json(prices)]
    )
    for (const { model, version } of renamed) {
      logger.warn(
        { code: 'price_changed_in_place', model, version },
        `The price "${version}" of ${model} says something else than before. Give a changed price a new version.`
      )
    }
  }
}
