import { test } from '@japa/runner'
import { sourceFiles, type SourceFile } from './architecture/source_files.js'
import { staleExceptions, violations } from './architecture/violations.js'

/** A file with an import, or with whatever text is given. */
const file = (path: string, text: string): SourceFile => ({ path, text })

const PLANTED = [
  {
    title: 'a core that imports Lucid',
    files: [file('app/core/ledger/x.ts', `import db from '@adonisjs/lucid/services/db'`)],
    says: ['app/core/ledger/x imports npm:@adonisjs/lucid/services/db', 'strangers build plugins'],
  },
  {
    title: 'a core that imports a room by a relative path',
    files: [file('app/core/queue/x.ts', `export { y } from '../../billing/y.js'`)],
    says: ['app/core/queue/x imports app/billing/y'],
  },
  {
    title: 'an adapter that knows HTTP, and one that knows a room by a type',
    files: [
      file('app/adapters/a.ts', `import { HttpContext } from '@adonisjs/core/http'`),
      file('app/adapters/b.ts', `import type { Caller } from '#app/identity/caller'`),
    ],
    says: [
      'app/adapters/a imports npm:@adonisjs/core/http',
      'app/adapters/b imports app/identity/caller',
    ],
  },
  {
    title: 'a controller that opens the ledger, the database or another room',
    files: [
      file('app/billing/controllers/a.ts', `import { Ledger } from '#core/ledger/ledger'`),
      file('app/billing/controllers/b.ts', `import db from '@adonisjs/lucid/services/db'`),
      file('app/billing/controllers/c.ts', `import { x } from '#app/assets/queries/x'`),
    ],
    says: [
      'a imports app/core/ledger/ledger',
      'b imports npm:@adonisjs/lucid',
      'c imports app/assets',
    ],
  },
  {
    title: 'an action that loads a plugin or an SDK lazily',
    files: [
      file('app/billing/actions/a.ts', `const p = await import('#plugins/local/plugin')`),
      file('app/billing/actions/b.ts', `import Stripe from 'stripe'`),
    ],
    says: ['a imports plugins/local/plugin', 'b imports npm:stripe'],
  },
  {
    title: 'a query that writes, by the builder and by SQL',
    files: [
      file('app/billing/queries/a.ts', `await db.from('x').where({ id }).update({ seen: true })`),
      file('app/billing/queries/b.ts', 'await db.rawQuery(`delete from x where id = ?`)'),
    ],
    says: ['billing/queries/a writes (".update(")', 'billing/queries/b writes ("delete from")'],
  },
  {
    title: 'a desk that writes a model',
    files: [file('app/admin/controllers/a.ts', `import User from '#app/identity/models/user'`)],
    says: ['app/admin/controllers/a imports app/identity/models/user', 'Admin is a desk'],
  },
  {
    title: 'a plugin that reaches for a room, a neighbour, the network or a secret',
    files: [
      file('plugins/x/a.ts', `import { y } from '#app/assets/y'`),
      file('plugins/x/b.ts', `import { y } from '../local/models.js'`),
      file('plugins/x/c.ts', `import { connect } from 'node:net'`),
      file('plugins/x/d.ts', `await fetch(url, { key: process.env.KEY })`),
      file('plugins/x/e.ts', `import db from '@adonisjs/lucid/services/db'`),
    ],
    says: ['x/a imports', 'x/b imports', 'x/c imports node:net', 'x/d uses fetch', 'x/e imports'],
  },
  {
    title: 'code that leans on tests',
    files: [file('app/billing/x.ts', `import { newOrganisation } from '#tests/factories'`)],
    says: ['app/billing/x imports tests/factories', 'only tests have'],
  },
  {
    title: 'credits moved outside the ledger',
    files: [
      file('app/billing/actions/a.ts', 'sql`update accounts set available_micro = 1`'),
      file('app/billing/actions/b.ts', `db.from('grants')\n.where({ id })\n.update({ live: 1 })`),
      file('commands/c.ts', 'raw(`insert into entries (id) values (1)`)'),
    ],
    says: ['"accounts"', '"grants"', 'commands/c writes rows of "entries"', 'verbs of the ledger'],
  },
  {
    title: 'a job function that moves money, and one that catches',
    files: [
      file('database/functions/50_jobs.sql', 'update holds set state = 1'),
      file('database/functions/20_ledger_x.sql', 'begin\n  exception when others then null;\nend'),
    ],
    says: ['50_jobs writes what is not of the queue', '20_ledger_x catches'],
  },
  {
    title: 'two rooms that need each other',
    files: [
      file('app/billing/a.ts', `import { b } from '#app/gallery/b'`),
      file('app/gallery/b.ts', `import { c } from '../billing/c.js'`),
    ],
    says: ['billing → gallery → billing', 'a room is missing'],
  },
  {
    title: 'a drawer',
    files: [file('app/billing/utils/x.ts', ''), file('app/billing/string_helpers.ts', '')],
    says: ['named "utils"', 'named "string_helpers"'],
  },
]

test.group('Architecture', () => {
  test('every file keeps the rules of the house', async ({ assert }) => {
    assert.deepEqual(violations(await sourceFiles()), [])
  })

  test('every exception is still needed', async ({ assert }) => {
    assert.deepEqual(staleExceptions(await sourceFiles()), [])
  })

  test('the checker finds {title}')
    .with(PLANTED)
    .run(({ assert }, { files, says }) => {
      const found = violations(files, []).join('\n')

      for (const words of says) assert.include(found, words)
    })

  test('the checker lets through what the rules allow', ({ assert }) => {
    const allowed = [
      file('app/core/a.ts', `import { b } from './b.js'; import { c } from 'node:crypto'`),
      file('app/billing/controllers/a.ts', `import { Credits } from '#core/ledger/credits'`),
      file('app/billing/controllers/b.ts', `import type { Caller } from '#app/identity/caller'`),
      file('app/billing/actions/a.ts', `import { x } from '#app/assets/actions/x'`),
      file('app/billing/queries/a.ts', '// .update( is only spoken of\nselect(`for update`)'),
      file('plugins/x/a.ts', `import { y } from './y.js'; import sharp from 'sharp'`),
      file('plugins/x/tests/a.spec.ts', `import { s } from '#tests/contracts/model_provider'`),
      file('database/functions/30_ledger_hold.sql', '-- update jobs\nupdate holds set x = 1'),
      file('app/gallery/a.ts', `import { b } from '#app/billing/b'`),
    ]

    assert.deepEqual(violations(allowed, []), [])
  })
})
