import { readFile, rename, writeFile } from 'node:fs/promises'
import type { VerifiedRoot } from '#core/ledger/evidence/root_check'

/** Remembers, outside the database, the last root that an audit without a finding reached. */
export class LastVerified {
  constructor(private readonly file: string) {}

  /** `null` when there was none, or what was kept cannot be read. */
  async read(): Promise<VerifiedRoot | null> {
    try {
      const { number, date, digest } = JSON.parse(await readFile(this.file, 'utf8'))
      return { number, date, digest }
    } catch {
      return null
    }
  }

  async write(root: VerifiedRoot) {
    const draft = `${this.file}.part`
    await writeFile(draft, JSON.stringify(root), { mode: 0o600 })
    await rename(draft, this.file)
  }
}
