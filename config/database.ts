import env from '#start/env'
import { defineConfig } from '@adonisjs/lucid'
import type { Client } from 'pg'

export default defineConfig({
  connection: 'postgres',
  connections: {
    postgres: {
      client: 'pg',
      connection: { connectionString: env.get('DATABASE_URL') },
      pool: {
        min: 2,
        max: env.get('DATABASE_POOL'),
        // A query that hangs must not hang its caller, nor a lock that is not given.
        afterCreate: (connection: Client, done: (error: Error | null) => void) =>
          connection.query(
            `set application_name = 'daygen'; set statement_timeout = '30s';
             set lock_timeout = '10s'; set idle_in_transaction_session_timeout = '30s'`,
            (error) => done(error ?? null)
          ),
      },
      migrations: { naturalSort: true, paths: ['database/migrations'] },
      schemaGeneration: { enabled: false },
    },
  },
})
