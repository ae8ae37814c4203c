import { BaseCommand, flags } from '@adonisjs/core/ace'
import type { CommandOptions } from '@adonisjs/core/types/ace'
import type { Audit } from '#core/ledger/evidence/audit'
import type { Finding } from '#core/ledger/evidence/finding'

const PROGRESS_MS = 2_000

export default class LedgerVerify extends BaseCommand {
  static commandName = 'ledger:verify'
  static description = 'Check the ledger: its chains, its signed roots and every invariant'
  static options: CommandOptions = { startApp: true }

  @flags.string({ description: 'Only this organisation (and all roots)' })
  declare org?: string

  @flags.boolean({ description: 'Only what came after the last root that was verified' })
  declare incremental: boolean

  @flags.boolean({ description: 'Print the outcome as JSON' })
  declare json: boolean

  async run() {
    const { Audit: Auditor } = await import('#core/ledger/evidence/audit')
    const { Books } = await import('#core/ledger/evidence/books')
    const { sentenceOf } = await import('#core/ledger/evidence/finding')
    const { LastVerified } = await import('#adapters/ledger/last_verified')
    const { RootArchive } = await import('#core/ledger/evidence/root_archive')
    const { RootKey } = await import('#core/ledger/evidence/signed_root')
    const { directories } = await import('#start/directories')
    const { container } = this.app

    if (this.org === '') return this.#refuse('Name the organisation: --org=org_…')
    const last = new LastVerified(directories.ledgerVerified)
    const since = this.incremental ? await last.read() : null
    if (this.incremental && !since) this.#aside('No root was verified yet: everything is checked.')
    const audit = new Auditor({
      books: await container.make(Books),
      archive: await container.make(RootArchive),
      key: await container.make(RootKey),
    })
    const findings: Finding[] = []
    const progress = setInterval(() => this.#aside(`… ${countsOf(audit)}`), PROGRESS_MS)
    await audit
      .run({ accountId: this.org, since: since ?? undefined }, (finding) => {
        findings.push(finding)
        if (!this.json) this.logger.error(sentenceOf(finding))
      })
      .finally(() => clearInterval(progress))
    if (this.org && audit.accounts === 0) return this.#refuse(`There is no account ${this.org}.`)

    if (findings.length > 0) this.exitCode = 1
    else if (!this.org && audit.newest) await last.write(audit.newest)
    if (this.json) return this.logger.log(json(audit, findings, since?.number ?? null))
    this.logger.log(`checked ${countsOf(audit)}${since ? `, after root ${since.number}` : ''}`)
    this.logger.log(`${findings.length} violations`)
  }

  /** What is said beside the outcome. */
  #aside(text: string) {
    process.stderr.write(`${text}\n`)
  }

  #refuse(message: string) {
    this.logger.error(message)
    this.exitCode = 1
  }
}

function countsOf({ accounts, entries, roots }: Audit): string {
  return `${accounts} accounts, ${entries} entries, ${roots} roots`
}

function json(audit: Audit, findings: Finding[], since: number | null): string {
  const { accounts, entries, roots, newest } = audit
  return JSON.stringify(
    {
      ok: findings.length === 0,
      accounts,
      entries,
      roots,
      newest_root: newest && { number: newest.number, digest: newest.digest },
      since_root: since,
      violations: findings.map(({ accountId, seq, root, rule, detail }) => ({
        account: accountId,
        seq: seq?.toString() ?? null,
        root,
        rule,
        detail,
      })),
    },
    null,
    2
  )
}
