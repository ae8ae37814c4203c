import { Exception } from '@adonisjs/core/exceptions'

export class UnauthenticatedException extends Exception {
  static status = 401
  static code = 'E_API_KEY_INVALID'
  static message =
    'The API key is missing, wrong or revoked. Send "Authorization: Bearer dg_live_…" with a live key, or "Bearer dg_test_…" to try it out; an operator makes them at /admin/keys.'
}

export class ForbiddenScopeException extends Exception {
  static status = 403
  static code = 'E_SCOPE_MISSING'
}
