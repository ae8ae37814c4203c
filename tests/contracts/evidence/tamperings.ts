import { readFile, rm, writeFile } from 'node:fs/promises'
import { newKey, type Vault } from './vault.js'

/**
 * Ways to change the past of an account. It has a grant (entry 1) and six settlements; root 1
 * signed it up to entry 4, root 2 up to entry 6, and entry 7 no root has seen.
 */
export interface Tampering {
  commit(vault: Vault, accountId: string): Promise<void>
  /** The entry, or the root, that has to be named. */
  names: { seq: bigint | null } | { root: number }
  /** Part of a rule that must be among what is broken. */
  rule: string
  /** What the proof does not have, the offline verifier cannot find. */
  offline: boolean
}

const ENTRY = 'where account_id = $account and seq'

/** Computes the hashes from an entry on as if they had always been so, and the account's head. */
const REHASH = `do $do$ declare head bytea; e entries; begin
    select hash into head from entries ${ENTRY} = from_seq - 1;
    head := coalesce(head, '');
    for e in select * from entries ${ENTRY} >= from_seq order by seq loop
      update entries x set hash = ledger_entry_hash(head, e) where x.account_id = e.account_id and x.seq = e.seq
        returning hash into head;
      update accounts set seq = e.seq, head_hash = head where id = e.account_id;
    end loop;
  end $do$`

/** Makes a settlement a millionth cheaper, with all that hangs on it: the books agree with themselves. */
export function rewritten(seq: number): string[] {
  return [
    `update entries set amount_micro = amount_micro + 1 ${ENTRY} = ${seq}`,
    `update entries set balance_after_micro = balance_after_micro + 1 ${ENTRY} >= ${seq}`,
    `update holds set cost_micro = cost_micro - 1
       where (account_id, id) = (select account_id, hold_id from entries ${ENTRY} = ${seq})`,
    `update usage_events set price_micro = price_micro - 1
       where (account_id, job_id) = (select account_id, hold_id from entries ${ENTRY} = ${seq})`,
    `update grants set remaining_micro = remaining_micro + 1 where account_id = $account`,
    `update accounts set available_micro = available_micro + 1 where id = $account`,
    REHASH.replaceAll('from_seq', String(seq)),
  ]
}

const forged =
  (...statements: string[]) =>
  (vault: Vault, accountId: string) =>
    vault.forge(accountId, ...statements)

const onEntry = (seq: number, change: string) =>
  forged(`update entries set ${change} ${ENTRY} = ${seq}`)

const UNCHANGED = '2 an entry is as it was written'
const IN_ORDER = '2 entries are gapless'
const ENDS = '2 the account ends'
const SIGNED = '10 what was signed'
const CHAINED = '10 every root is there'
const SEALED = '10 every root is signed'
const LISTED = '10 the heads beside'

export const TAMPERINGS: Record<string, Tampering> = {
  'an amount that was edited': {
    commit: onEntry(3, 'amount_micro = amount_micro + 1'),
    names: { seq: 3n },
    rule: UNCHANGED,
    offline: true,
  },
  'a reason digest that was edited': {
    commit: onEntry(1, `reason_digest = sha256('another')`),
    names: { seq: 1n },
    rule: UNCHANGED,
    offline: true,
  },
  'an actor that was edited': {
    commit: onEntry(3, `actor = 'user:usr_other'`),
    names: { seq: 3n },
    rule: UNCHANGED,
    offline: true,
  },
  'an entry in the middle that was deleted': {
    commit: forged(`delete from entries ${ENTRY} = 3`),
    names: { seq: 3n },
    rule: IN_ORDER,
    offline: true,
  },
  'a tail that was cut': {
    commit: forged(`delete from entries ${ENTRY} >= 6`),
    names: { seq: 6n },
    rule: ENDS,
    offline: true,
  },
  'two entries in each other’s place': {
    commit: forged(
      `update entries set seq = -3 ${ENTRY} = 3`,
      `update entries set seq = 3 ${ENTRY} = 4`,
      `update entries set seq = 4 ${ENTRY} = -3`
    ),
    names: { seq: 3n },
    rule: UNCHANGED,
    offline: true,
  },
  'an entry that was inserted': {
    commit: forged(
      `update entries set seq = -seq ${ENTRY} >= 4`,
      `update entries set seq = 1 - seq ${ENTRY} <= -4`,
      `insert into entries select account_id, 4, kind, amount_micro, balance_after_micro, grant_id,
         'job_inserted', ref, actor, note_id, reason_digest, hash, created_at from entries ${ENTRY} = 3`,
      `update accounts set seq = seq + 1 where id = $account`
    ),
    names: { seq: 4n },
    rule: UNCHANGED,
    offline: true,
  },
  'a chain that was rewritten from an entry on, hashes and all': {
    commit: forged(...rewritten(2)),
    names: { seq: 4n },
    rule: SIGNED,
    offline: true,
  },
  'an account with another balance': {
    commit: forged('update accounts set available_micro = available_micro + 1 where id = $account'),
    names: { seq: 7n },
    rule: ENDS,
    offline: true,
  },
  'an account that was set back, with its tail cut': {
    commit: forged(
      `update accounts set seq = 5, available_micro = available_micro + 2000000,
         head_hash = (select hash from entries ${ENTRY} = 5) where id = $account`,
      `update grants set remaining_micro = remaining_micro + 2000000 where account_id = $account`,
      `update holds set state = 'released', cost_micro = null where account_id = $account
         and id in (select hold_id from entries ${ENTRY} > 5)`,
      `delete from entries ${ENTRY} > 5`
    ),
    names: { seq: 6n },
    rule: SIGNED,
    offline: true,
  },
  'an account that was emptied of all its entries': {
    commit: forged(
      `delete from entries where account_id = $account`,
      `delete from holds where account_id = $account`,
      `update accounts set seq = 0, head_hash = '', available_micro = 0 where id = $account`,
      `update grants set remaining_micro = 0 where account_id = $account`
    ),
    names: { seq: 4n },
    rule: SIGNED,
    offline: true,
  },
  'a grant with more left than it should have': {
    commit: forged(
      'update grants set remaining_micro = remaining_micro + 1 where account_id = $account'
    ),
    names: { seq: null },
    rule: '4 a grant adds up',
    offline: false,
  },
  'a root whose text was edited': {
    commit: (vault) =>
      edited(vault, 1, 'json', (text) => text.replace('"accounts":2', '"accounts":3')),
    names: { root: 1 },
    rule: SEALED,
    offline: true,
  },
  'a root whose heads were edited': {
    commit: (vault, accountId) =>
      edited(vault, 2, 'heads.jsonl', (text) =>
        text.replace(`${accountId}","6"`, `${accountId}","5"`)
      ),
    names: { root: 2 },
    rule: LISTED,
    offline: true,
  },
  'a root that was deleted': {
    commit: async (vault) => rm(await vault.rootFile(1)),
    names: { root: 1 },
    rule: CHAINED,
    offline: true,
  },
  'a root that was signed anew with another key': {
    commit: (vault) =>
      edited(vault, 2, 'json', (text) => {
        const { text: signed, ...seal } = newKey().seal(text.split('\n')[0])
        return `${signed}\n${JSON.stringify(seal)}\n`
      }),
    names: { root: 2 },
    rule: SEALED,
    offline: true,
  },
  'a root of another key that claims to be ours': {
    commit: (vault) =>
      edited(vault, 2, 'json', (text) => {
        const { text: signed, signature } = newKey().seal(text.split('\n')[0])
        return `${signed}\n${JSON.stringify({ key: vault.key.id, signature })}\n`
      }),
    names: { root: 2 },
    rule: SEALED,
    offline: true,
  },
}

async function edited(
  vault: Vault,
  root: number,
  ending: string,
  change: (text: string) => string
) {
  const file = await vault.rootFile(root, ending)
  const text = await readFile(file, 'utf8')
  const other = change(text)
  if (other === text) throw new Error('Nothing was edited.')
  await writeFile(file, other)
}
