import { defineConfig } from '@adonisjs/core/bodyparser'

/** Upload routes read their own streams; see `app/assets/incoming_file.ts`. */
export default defineConfig({
  allowedMethods: ['POST', 'PUT', 'PATCH', 'DELETE'],
  form: { convertEmptyStringsToNull: true, types: ['application/x-www-form-urlencoded'] },
  json: { convertEmptyStringsToNull: false, limit: '256kb', types: ['application/json'] },
  multipart: {
    autoProcess: false,
    convertEmptyStringsToNull: true,
    limit: '26mb',
    types: ['multipart/form-data'],
  },
})
