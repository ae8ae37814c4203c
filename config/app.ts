import env from '#start/env'
import app from '@adonisjs/core/services/app'
import { defineConfig } from '@adonisjs/core/http'
import { refuseUrl } from '#app/exceptions/error_body'

/** The address people reach this platform at. Links in answers begin with it. */
export const appUrl = env.get('APP_URL') ?? `http://${env.get('HOST')}:${env.get('PORT')}`

export const http = defineConfig({
  generateRequestId: true,
  allowMethodSpoofing: true,
  useAsyncLocalStorage: false,
  // Nothing is told that JSON cannot say: amounts and sequences leave as decimal strings.
  serializeJSON: (value: unknown) => JSON.stringify(value),
  onBadUrl: refuseUrl,
  trustProxy: () => env.get('TRUST_PROXY'),
  cookie: {
    path: '/',
    maxAge: '2h',
    httpOnly: true,
    secure: app.inProduction && appUrl.startsWith('https:'),
    sameSite: 'lax',
  },
})
