import { createWriteStream } from 'node:fs'
import { randomUUID } from 'node:crypto'
import { link, rename, rm, stat } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { BaseCommand, flags } from '@adonisjs/core/ace'
import type { CommandOptions } from '@adonisjs/core/types/ace'
import type { BooksSnapshot, Period } from '#core/ledger/evidence/books'
import type { RootArchive, RootName } from '#core/ledger/evidence/root_archive'

const FORMATS = ['journal', 'csv', 'proof'] as const
type Format = (typeof FORMATS)[number]

export default class LedgerExport extends BaseCommand {
  static commandName = 'ledger:export'
  static description = 'Write the ledger as a journal for hledger, as CSV, or as a proof'
  static help = [
    'A journal and a CSV may be of a period; a proof is whole, for its roots cover all entries.',
    'A proof is checked with bin/ledger_verify_offline.js. See docs/ledger-verification.md.',
  ]
  static options: CommandOptions = { startApp: true }

  @flags.string({ description: 'journal, csv or proof' })
  declare format?: string

  @flags.string({ description: 'Only this organisation' })
  declare org?: string

  @flags.string({ description: 'From this time on: 2026-11-01, or with a time of day in UTC' })
  declare from?: string

  @flags.string({ description: 'Until before this time' })
  declare to?: string

  @flags.string({
    description: 'The file to write; what it says goes to the console when left out',
  })
  declare output?: string

  @flags.boolean({ description: 'Replace the file if it is there' })
  declare force: boolean

  async run() {
    const format = FORMATS.find((known) => known === this.format)
    if (!format) return this.#refuse(`Choose a format: --format=${FORMATS.join(', --format=')}.`)
    const period: Period = { accountId: this.org, from: instant(this.from), to: instant(this.to) }
    for (const [name, value] of Object.entries({ from: period.from, to: period.to })) {
      if (value && Number.isNaN(value.getTime())) {
        return this.#refuse(`--${name} is no time. Write it as 2026-11-01 or 2026-11-01T08:30:00Z.`)
      }
    }
    if (period.from && period.to && period.from >= period.to) {
      return this.#refuse('--from has to lie before --to.')
    }
    if (format === 'proof' && (this.from !== undefined || this.to !== undefined)) {
      return this.#refuse('A proof is whole: leave out --from and --to. --org is possible.')
    }
    if (this.output !== undefined && !this.force && (await isThere(this.output))) {
      return this.#refuse(`${this.output} is there already. Choose another name, or use --force.`)
    }
    const { Books } = await import('#core/ledger/evidence/books')
    const { RootArchive: Archive } = await import('#core/ledger/evidence/root_archive')
    const books = await this.app.container.make(Books)
    const archive = await this.app.container.make(Archive)
    // Named before the books are read, so that no root is ahead of them.
    const newest = await archive.newest()
    await books.read(async (snapshot) => {
      if (this.org !== undefined && !(await hasAccount(snapshot, this.org))) {
        return this.#refuse(`There is no account "${this.org}". See /admin/organisations.`)
      }
      await this.#write(textOf(format, snapshot, period, { archive, newest }))
    })
  }

  async #write(text: AsyncIterable<string>) {
    const content = Readable.from(text, { objectMode: false })
    if (this.output === undefined) {
      // Whoever reads along may stop before the end.
      return pipeline(content, process.stdout, { end: false }).catch((error) => {
        if (error.code !== 'EPIPE') throw error
      })
    }
    const draft = `${this.output}.${randomUUID()}.part`
    try {
      await pipeline(content, createWriteStream(draft, { flags: 'wx', mode: 0o600 }))
      await (this.force ? rename : link)(draft, this.output)
      this.logger.success(`${this.output} is written.`)
    } catch (error) {
      if (!('syscall' in (error as Error))) throw error
      this.#refuse(`${this.output} cannot be written: ${(error as Error).message}`)
    } finally {
      await rm(draft, { force: true })
    }
  }

  #refuse(message: string) {
    this.logger.error(message)
    this.exitCode = 1
  }
}

async function* textOf(
  format: Format,
  snapshot: BooksSnapshot,
  period: Period,
  roots: { archive: RootArchive; newest: RootName | null }
): AsyncGenerator<string> {
  const { journal } = await import('#core/ledger/exports/journal')
  const { proof } = await import('#core/ledger/exports/proof')
  const { statement } = await import('#core/ledger/exports/statement')
  const { csvLine } = await import('#app/admin/format/csv')
  if (format === 'journal') yield* journal(snapshot, period)
  else if (format === 'proof') yield* proof(snapshot, { ...roots, accountId: period.accountId })
  else for await (const cells of statement(snapshot, period)) yield csvLine(cells)
}

/** Days begin in UTC. `undefined` when none is given, an invalid date when it is none. */
function instant(text?: string): Date | undefined {
  if (text === undefined) return undefined
  const form = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,3})?)?Z)?$/
  return form.test(text) ? new Date(text) : new Date(Number.NaN)
}

async function hasAccount(snapshot: BooksSnapshot, accountId: string): Promise<boolean> {
  const first = await snapshot.heads(accountId)[Symbol.asyncIterator]().next()
  return !first.done
}

async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false
  )
}
