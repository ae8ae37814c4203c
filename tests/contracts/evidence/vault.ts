import { execFile } from 'node:child_process'
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { cp, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import app from '@adonisjs/core/services/app'
import { Disk } from 'flydrive'
import { FSDriver } from 'flydrive/drivers/fs'
import { DriveRootArchive } from '#adapters/ledger/drive_root_archive'
import { PostgresBooks } from '#adapters/ledger/postgres_books'
import { PostgresLedger } from '#adapters/ledger/postgres_ledger'
import { Sql } from '#adapters/postgres/sql'
import { newId } from '#core/ids'
import { Credits } from '#core/ledger/credits'
import { Audit, type AuditScope } from '#core/ledger/evidence/audit'
import type { Finding } from '#core/ledger/evidence/finding'
import { Notary } from '#core/ledger/evidence/notary'
import { RootKey } from '#core/ledger/evidence/signed_root'
import { proof } from '#core/ledger/exports/proof'
import { prepareDatabase } from '#database/prepare'
import { dropDatabase, newDatabase } from '#tests/scratch_database'
import { RESOLVE_HOLD } from '../metered_jobs/postgres_rows.js'
import { connect } from '../metered_jobs/postgres_world.js'

const OFFLINE = fileURLToPath(new URL('../../../bin/ledger_verify_offline.js', import.meta.url))
const KEPT = ['accounts', 'grants', 'holds', 'usage_events']

/**
 * A ledger with its roots, in a database and a directory of its own, which a test may forge as it
 * likes: `keep` remembers both as they are, `restore` brings them back.
 */
export class Vault {
  readonly books: PostgresBooks
  readonly ledger: PostgresLedger
  readonly key = newKey()

  private constructor(
    readonly sql: Sql,
    readonly directory: string,
    readonly close: () => Promise<void>
  ) {
    this.books = new PostgresBooks(sql)
    this.ledger = new PostgresLedger(sql)
  }

  static async open(): Promise<Vault> {
    const url = await newDatabase(process.env.DATABASE_URL!, 'vault')
    const db = await connect(url)
    await prepareDatabase(app, db)
    const directory = await mkdtemp(join(tmpdir(), 'daygen-vault-'))
    return new Vault(new Sql(db), directory, async () => {
      await db.manager.closeAll()
      await dropDatabase(process.env.DATABASE_URL!, url)
      await rm(directory, { recursive: true, force: true })
    })
  }

  get archive() {
    return new DriveRootArchive(
      new Disk(new FSDriver({ location: this.#files, visibility: 'private' }))
    )
  }

  /** A process that signs, with no memory of others. */
  notary(key = this.key, mostMoved?: number) {
    const logger = { info() {}, error() {} }
    return new Notary({ books: this.books, archive: this.archive, key, logger }, mostMoved)
  }

  async audit(scope: AuditScope = {}): Promise<Audit & { findings: Finding[] }> {
    const audit = new Audit({ books: this.books, archive: this.archive, key: this.key })
    const findings: Finding[] = []
    await audit.run(scope, (finding) => findings.push(finding))
    return Object.assign(audit, { findings })
  }

  async findings(scope: AuditScope = {}): Promise<Finding[]> {
    const { findings } = await this.audit(scope)
    return findings
  }

  /** Where a root lies, on the day it was signed. */
  async rootFile(number: number, ending = 'json'): Promise<string> {
    for await (const name of this.archive.list()) {
      if (name.number !== number) continue
      return join(
        this.#files,
        'ledger-roots',
        name.date,
        `${String(number).padStart(10, '0')}.${ending}`
      )
    }
    throw new Error(`There is no root ${number}.`)
  }

  async newAccount(credits: string): Promise<string> {
    const id = newId('org')
    await this.ledger.open(id)
    await this.grant(id, credits)
    return id
  }

  async grant(accountId: string, credits: string) {
    await this.ledger.grant({
      accountId,
      kind: 'admin',
      amount: Credits.parse(credits),
      source: 'test',
      sourceRef: randomBytes(8).toString('hex'),
      actor: 'system:test',
      reason: 'for a test',
    })
  }

  /** Holds and settles one credit of the account's first grant, one entry each time. */
  async spend(accountId: string, times = 1) {
    for (let time = 0; time < times; time++) {
      const hold = newId('job')
      await this.sql.rows(
        `with drawn as (
           update grants set remaining_micro = remaining_micro - 1000000, held_micro = held_micro + 1000000
           where (account_id, id) = (select account_id, grant_id from entries where account_id = $1 and seq = 1)
           returning account_id, id),
         held as (
           insert into holds (account_id, id, amount_micro, slices, created_at, expires_at)
           select account_id, $2, 1000000, jsonb_build_array(jsonb_build_array(id, '1000000')),
             now(), now() + interval '1 hour' from drawn)
         update accounts set available_micro = available_micro - 1000000, held_micro = held_micro + 1000000
         where id = $1`,
        [accountId, hold]
      )
      await this.sql.rows(RESOLVE_HOLD, [accountId, hold, 'settled', '1000000'])
      await this.sql.rows(
        `insert into usage_events (account_id, job_id, attempt, job_created_at, provider, model, kind,
           status, units, vendor_cost_micro_usd, price_micro, duration_ms, created_at)
         select account_id, id, 1, created_at, 'acme', 'acme/painter', 'image', 'succeeded', '{}', 0,
           cost_micro, 1, resolved_at
         from holds where account_id = $1 and id = $2`,
        [accountId, hold]
      )
    }
  }

  /** Lets all roots so far have been signed on another day. */
  async moveRoots(day: string) {
    const name = await this.archive.newest()
    const roots = join(this.#files, 'ledger-roots')
    await rename(join(roots, name!.date), join(roots, day))
  }

  /** SQL as whoever owns the tables may write it, with `$account` in place. */
  async forge(accountId: string, ...statements: string[]) {
    await this.sql.session(async (client) => {
      await client.query('alter table entries disable trigger user')
      for (const statement of statements) {
        await client.query(statement.replaceAll('$account', `'${accountId}'`))
      }
      await client.query('alter table entries enable trigger user')
    })
  }

  async export(accountId?: string): Promise<string> {
    const file = join(this.directory, `proof-${randomBytes(4).toString('hex')}.jsonl`)
    const { archive } = this
    const newest = await archive.newest()
    await this.books.read((snapshot) =>
      writeFile(file, Readable.from(proof(snapshot, { archive, newest, accountId })))
    )
    return file
  }

  /** What the offline verifier says about a proof. */
  async verifyOffline(
    file: string,
    { key = this.key, options = [] }: { key?: { publicPem: string }; options?: string[] } = {}
  ) {
    const keyFile = `${file}.pem`
    await writeFile(keyFile, key.publicPem)
    return new Promise<{ code: number; said: string }>((resolve) => {
      execFile(process.execPath, [OFFLINE, file, keyFile, ...options], (error, stdout, stderr) =>
        resolve({ code: error ? Number(error.code) : 0, said: stdout + stderr })
      )
    })
  }

  async offlineCode(file: string, { options }: { options?: string[] } = {}): Promise<number> {
    const { code } = await this.verifyOffline(file, { options })
    return code
  }

  async keep() {
    for (const table of ['entries', ...KEPT]) {
      await this.sql.rows(`create table kept_${table} as table ${table}`)
    }
    await cp(this.#files, join(this.directory, 'kept'), { recursive: true })
  }

  async restore() {
    await this.forge(
      '',
      'delete from entries',
      'insert into entries table kept_entries',
      `update accounts a set (available_micro, seq, head_hash) =
         (select available_micro, seq, head_hash from kept_accounts k where k.id = a.id)`,
      `update grants g set remaining_micro = (select remaining_micro from kept_grants k
         where (k.account_id, k.id) = (g.account_id, g.id))`,
      'delete from holds',
      'insert into holds table kept_holds',
      'delete from usage_events',
      'insert into usage_events table kept_usage_events'
    )
    await rm(this.#files, { recursive: true })
    await cp(join(this.directory, 'kept'), this.#files, { recursive: true })
  }

  get #files() {
    return join(this.directory, 'files')
  }
}

export function newKey(): RootKey {
  return new RootKey(generateKeyPairSync('ed25519').privateKey)
}
