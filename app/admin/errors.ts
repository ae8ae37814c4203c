import { Exception } from '@adonisjs/core/exceptions'

/** A page about something that is not there. */
export class NotFound extends Exception {
  static status = 404
  static code = 'E_NOT_FOUND'

  constructor(what: string) {
    super(`There is no ${what} here. It may have been deleted, or the address is cut off.`)
  }
}
