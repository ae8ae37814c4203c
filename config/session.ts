import { defineConfig, stores } from '@adonisjs/session'
import app from '@adonisjs/core/services/app'
import { appUrl } from '#config/app'

export default defineConfig({
  enabled: true,
  cookieName: 'daygen_session',
  clearWithBrowser: false,
  age: '12h',
  cookie: {
    path: '/',
    httpOnly: true,
    secure: app.inProduction && appUrl.startsWith('https:'),
    sameSite: 'lax',
  },
  store: app.inTest ? 'memory' : 'cookie',
  stores: { cookie: stores.cookie() },
})
