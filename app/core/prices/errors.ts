/** A page of the price book is wrong. From the configuration it stops the boot; from a form it is told. */
export class PriceBookFault extends Error {
  readonly code = 'E_PRICE_BOOK_INVALID'

  constructor(
    /** As a person wrote it: `markup`, `rounding.to`. */
    readonly field: string,
    /** What is wrong, and what to write instead. */
    readonly mend: string,
    page?: string
  ) {
    super(`Price book${page ? `, page "${page}"` : ''}, field "${field}": ${mend}`)
    this.name = 'PriceBookFault'
  }
}

/** A past price names a version that is kept nowhere: the archive of prices was cut. */
export class PriceVersionFault extends Error {
  readonly code = 'E_PRICE_VERSION_MISSING'

  constructor(what: string, id: string) {
    super(`The ${what} ${id} is in no archive. Restore the table it was deleted from.`)
    this.name = 'PriceVersionFault'
  }
}
