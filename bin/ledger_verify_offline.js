#!/usr/bin/env node
/**
 * Proves an exported ledger without the platform that exported it: this one file, Node.js 20 or
 * newer, a proof from `node ace ledger:export --format=proof` and the public key from
 * `node ace ledger:public-key`. It shares no code with the platform on purpose. What is proved
 * and what is not stands in docs/ledger-verification.md.
 *
 *   node ledger_verify_offline.js proof.jsonl public-key.pem [--root=<digest noted earlier>]
 *
 * Exit code 0: all is as it was signed. 1: it is not; each line says where. 2: it cannot be told.
 */
import { createHash, createPublicKey, verify } from 'node:crypto'
import { createReadStream, readFileSync } from 'node:fs'

const NEWLINE = 10

/** SHA-256 of pieces, in hexadecimal. */
function sha256(...pieces) {
  const digest = createHash('sha256')
  for (const piece of pieces) digest.update(piece)
  return digest.digest('hex')
}

function int8(value) {
  const bytes = Buffer.allocUnsafe(8)
  bytes.writeBigInt64BE(BigInt(value))
  return bytes
}

/** The length in 4 bytes and the text in UTF-8; the length −1 alone for what is missing. */
function text(value) {
  if (value !== null && typeof value !== 'string') throw new Error('a text is none')
  const content = Buffer.from(value ?? '')
  const length = Buffer.allocUnsafe(4)
  length.writeInt32BE(value === null ? -1 : content.length)
  return Buffer.concat([length, content])
}

function entryHash(previous, entry) {
  return sha256(
    Buffer.concat([
      Buffer.from(previous, 'hex'),
      text(entry.account),
      int8(entry.seq),
      text(entry.kind),
      int8(entry.amount_micro),
      int8(entry.balance_after_micro),
      text(entry.grant_id),
      text(entry.hold_id),
      text(entry.ref),
      text(entry.actor),
      text(entry.reason_digest),
      int8(entry.created_at_us),
    ])
  )
}

function headBytes([account, seq, hash]) {
  return Buffer.concat([text(account), int8(seq), text(hash)])
}

/** RFC 6962, 2.1, leaf by leaf. */
class MerkleTree {
  #subtrees = []

  add(leaf) {
    let size = 1
    let root = createHash('sha256').update('\x00').update(leaf).digest()
    while (this.#subtrees.at(-1)?.size === size) {
      root = MerkleTree.#node(this.#subtrees.pop().root, root)
      size *= 2
    }
    this.#subtrees.push({ size, root })
  }

  root() {
    if (this.#subtrees.length === 0) return sha256()
    return this.#subtrees
      .map(({ root }) => root)
      .reduceRight((right, left) => MerkleTree.#node(left, right))
      .toString('hex')
  }

  static #node(left, right) {
    return createHash('sha256').update('\x01').update(left).update(right).digest()
  }
}

/** What the roots say about one account: 44 bytes for each different head. */
class SignedAccount {
  /** The last one. */
  head = null
  #heads = Buffer.alloc(0)
  #length = 0
  #next = 0

  /** Answers what is wrong with it, if anything is. */
  add(head, root) {
    const [, seq, hash] = head
    const last = this.head
    this.head = head
    if (last && BigInt(last[1]) === BigInt(seq)) {
      return last[2] === hash
        ? null
        : `root ${root} signed another entry ${seq} than an earlier root`
    }
    if (last && BigInt(last[1]) > BigInt(seq)) {
      return `root ${root} signed that it ends at ${seq}, an earlier root at ${last[1]}`
    }
    if (BigInt(seq) === 0n) return null
    if (this.#length + 44 > this.#heads.length) {
      const larger = Buffer.alloc(Math.max(44, this.#heads.length * 2))
      this.#heads.copy(larger)
      this.#heads = larger
    }
    this.#heads.writeBigInt64BE(BigInt(seq), this.#length)
    this.#heads.write(hash, this.#length + 8, 'hex')
    this.#heads.writeUInt32BE(root, this.#length + 40)
    this.#length += 44
    return null
  }

  /** The next head that no entry was held against: seq, hash and root. `null` after the last. */
  peek() {
    if (this.#next === this.#length) return null
    return {
      seq: this.#heads.readBigInt64BE(this.#next),
      hash: this.#heads.toString('hex', this.#next + 8, this.#next + 40),
      root: this.#heads.readUInt32BE(this.#next + 40),
    }
  }

  pass() {
    this.#next += 44
  }
}

class Verifier {
  counts = { roots: 0, accounts: 0, entries: 0 }
  root = null
  #key
  #keyId
  #tell
  #wanted
  #scope
  #part = 'nothing'
  /** The list beside the root that is being read. */
  #list = null
  #signed = new Map()
  #seen = new Set()
  /** The account that is being read, with where its chain stands. */
  #account = null
  #blamed = false

  constructor({ key, wanted, tell }) {
    this.#key = key
    this.#keyId = sha256(key.export({ type: 'spki', format: 'der' })).slice(0, 16)
    this.#wanted = wanted
    this.#tell = tell
  }

  read(line) {
    const handlers = {
      proof: () => this.#begin(line),
      root: () => this.#root(line),
      head: () => this.#head(line),
      account: () => this.#open(line),
      entry: () => this.#entry(line),
      end: () => this.#end(line),
    }
    if (!Object.hasOwn(handlers, line.type)) throw new Error(`"${line.type}" is no type of line`)
    if (this.#part === 'nothing' && line.type !== 'proof') throw new Error('this is no proof')
    if (this.#part === 'end') throw new Error('there is more after the end')
    handlers[line.type]()
  }

  /** After the last line. */
  finish() {
    if (this.#part !== 'end') this.#tell('the file', 'it ends before its last line')
    if (this.counts.roots === 0) this.#tell('the file', 'it has no signed root: nothing is proved')
    if (this.#wanted)
      this.#tell('the file', `it has no root ${this.#wanted}, which was there before`)
    for (const [account, signed] of this.#signed) {
      if (this.#seen.has(account) || (this.#scope && this.#scope !== account)) continue
      const first = signed.peek()
      if (first)
        this.#tell(`${account}, entry 1`, `it is missing; root ${first.root} signed ${first.seq}`)
    }
  }

  #begin({ version, account }) {
    if (this.#part !== 'nothing') throw new Error('it begins twice')
    if (version !== 1) throw new Error(`version ${version} of a proof is for a newer verifier`)
    this.#part = 'roots'
    this.#scope = account
  }

  #root({ signed, key, signature }) {
    if (this.#part !== 'roots') throw new Error('a root comes after the accounts')
    this.#closeList()
    const root = JSON.parse(signed)
    const { number, previous, merkle_root: merkleRoot, heads } = root
    if (root.format !== 'daygen-ledger-root' || root.version !== 1) throw new Error('it is no root')
    const name = `root ${number}`
    const expected = (this.root?.number ?? 0) + 1
    if (number !== expected) this.#tell(`root ${expected}`, `it is missing, ${name} comes instead`)
    else if (previous !== (this.root?.digest ?? null)) {
      this.#tell(
        name,
        `it follows ${previous}, but the one before it is ${this.root?.digest ?? null}`
      )
    }
    const genuine = verify(null, Buffer.from(signed), this.#key, Buffer.from(signature, 'base64'))
    if (!genuine) this.#tell(name, `it is not signed with key ${this.#keyId}; it names key ${key}`)
    const digest = sha256(signed)
    if (digest === this.#wanted) this.#wanted = null
    this.counts.roots++
    this.root = { number, digest, time: root.time, merkleRoot }
    this.#list = {
      name,
      number,
      genuine,
      signed: heads,
      count: 0,
      digest: createHash('sha256'),
      tree: heads.base === number ? new MerkleTree() : null,
      heads: [],
    }
  }

  #head({ head }) {
    if (!this.#list) throw new Error('a head comes without its root')
    const bytes = headBytes(head)
    this.#list.count++
    this.#list.digest.update(bytes)
    this.#list.tree?.add(bytes)
    this.#list.heads.push(head)
  }

  /** The heads beside a root count only once they are known to be the ones it signed. */
  #closeList() {
    const list = this.#list
    this.#list = null
    if (!list || !list.genuine) return
    const digest = list.digest.digest('hex')
    if (digest !== list.signed.sha256 || list.count !== list.signed.count) {
      this.#tell(list.name, `expected heads with digest ${list.signed.sha256}, found ${digest}`)
      return
    }
    if (list.tree && list.tree.root() !== this.root.merkleRoot) {
      this.#tell(
        list.name,
        `expected Merkle root ${this.root.merkleRoot}, found ${list.tree.root()}`
      )
    }
    for (const head of list.heads) {
      const [account] = head
      if (!this.#signed.has(account)) this.#signed.set(account, new SignedAccount())
      const wrong = this.#signed.get(account).add(head, list.number)
      if (wrong) this.#tell(`${account}, entry ${head[1]}`, wrong)
    }
  }

  /** All heads together, as they were at the last root, must have its Merkle root. */
  #closeRoots() {
    if (this.#part !== 'roots') return
    this.#closeList()
    this.#part = 'accounts'
    if (!this.root) return
    const tree = new MerkleTree()
    const ids = [...this.#signed.keys()].sort((a, b) =>
      Buffer.compare(Buffer.from(a), Buffer.from(b))
    )
    for (const id of ids) tree.add(headBytes(this.#signed.get(id).head))
    if (tree.root() !== this.root.merkleRoot) {
      const name = `root ${this.root.number}`
      this.#tell(
        name,
        `expected Merkle root ${this.root.merkleRoot}, all heads have ${tree.root()}`
      )
    }
  }

  #open({ account, seq, hash, balance_micro: balance }) {
    this.#closeRoots()
    this.#closeAccount()
    if (this.#seen.has(account)) this.#tell(account, 'it comes twice')
    this.#seen.add(account)
    this.counts.accounts++
    this.#blamed = false
    this.#account = {
      id: account,
      ends: { seq: BigInt(seq), hash, balance: BigInt(balance) },
      seq: 0n,
      hash: '',
      balance: 0n,
    }
  }

  #entry(entry) {
    const account = this.#account
    if (!account || entry.account !== account.id)
      throw new Error('an entry comes without its account')
    this.counts.entries++
    const seq = BigInt(entry.seq)
    const balance = BigInt(entry.balance_after_micro)
    const name = `${account.id}, entry ${seq}`
    if (seq <= account.seq) this.#tell(name, `it does not belong after entry ${account.seq}`)
    else if (seq !== account.seq + 1n) {
      this.#tell(
        `${account.id}, entry ${account.seq + 1n}`,
        `it is missing, entry ${seq} comes next`
      )
    } else {
      const expected = entryHash(account.hash, entry)
      if (expected !== entry.hash)
        this.#tell(name, `expected hash ${expected}, found ${entry.hash}`)
      const sum = account.balance + BigInt(entry.amount_micro)
      if (sum !== balance) this.#tell(name, `expected a balance of ${sum}, found ${balance}`)
    }
    this.#holdAgainst(seq, entry.hash)
    Object.assign(account, { seq, hash: entry.hash, balance })
  }

  /** The first head that does not fit is told; those after it cannot fit either. */
  #holdAgainst(seq, hash) {
    const signed = this.#signed.get(this.#account.id)
    for (let head = signed?.peek(); head && head.seq <= seq; head = signed.peek()) {
      signed.pass()
      if (head.seq === seq && head.hash === hash) continue
      if (!this.#blamed) {
        const found = head.seq === seq ? `found ${hash}` : 'there is no such entry'
        const name = `${this.#account.id}, entry ${head.seq}`
        this.#tell(name, `expected hash ${head.hash}, which root ${head.root} signed, ${found}`)
      }
      this.#blamed = true
    }
  }

  #closeAccount() {
    const account = this.#account
    this.#account = null
    if (!account) return
    const { id, ends } = account
    const ahead = this.#signed.get(id)?.peek()
    if (ahead) {
      const what = `it is missing; root ${ahead.root} signed entry ${ahead.seq}, hash ${ahead.hash}`
      this.#tell(`${id}, entry ${account.seq + 1n}`, what)
    }
    const name = `${id}, entry ${account.seq}`
    if (ends.seq !== account.seq)
      this.#tell(name, `it is the last, the account ends at ${ends.seq}`)
    else if (ends.hash !== account.hash) this.#tell(name, `the account's head is ${ends.hash}`)
    if (ends.balance !== account.balance) {
      this.#tell(name, `the account has ${ends.balance}, its entries add up to ${account.balance}`)
    }
  }

  #end({ roots, accounts, entries }) {
    this.#closeRoots()
    this.#closeAccount()
    this.#part = 'end'
    const { counts } = this
    if (roots !== counts.roots || accounts !== counts.accounts || entries !== counts.entries) {
      const said = `${accounts} accounts, ${entries} entries, ${roots} roots`
      this.#tell('the file', `lines are missing or too many: it was written with ${said}`)
    }
  }
}

/** Hands every line to `take`, with only a piece of the file in memory. */
async function eachLine(file, take) {
  let rest = Buffer.alloc(0)
  let number = 0
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 })) {
    const bytes = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk
    let start = 0
    for (let end = bytes.indexOf(NEWLINE); end !== -1; end = bytes.indexOf(NEWLINE, start)) {
      take(bytes.toString('utf8', start, end), ++number)
      start = end + 1
    }
    rest = bytes.subarray(start)
  }
  if (rest.length > 0) take(rest.toString('utf8'), ++number)
}

async function main() {
  const options = process.argv.slice(2).filter((word) => word.startsWith('--'))
  const [file, keyFile, ...more] = process.argv.slice(2).filter((word) => !word.startsWith('--'))
  const roots = options.map((option) => /^--root=([0-9a-f]{64})$/.exec(option)?.[1])
  if (!file || !keyFile || more.length > 0 || roots.length > 1 || roots.includes(undefined)) {
    console.error(
      'node ledger_verify_offline.js <proof.jsonl> <public-key.pem> [--root=<64 digits>]'
    )
    return 2
  }
  const key = createPublicKey(readFileSync(keyFile))
  if (key.asymmetricKeyType !== 'ed25519') throw new Error(`${keyFile} has no Ed25519 key`)

  let violations = 0
  const tell = (subject, what) => {
    violations++
    console.log(`${subject}: ${what}`)
  }
  const verifier = new Verifier({ key, wanted: roots[0] ?? null, tell })
  await eachLine(file, (line, number) => {
    try {
      verifier.read(JSON.parse(line))
    } catch (error) {
      tell(`line ${number}`, error.message)
    }
  })
  verifier.finish()
  const { accounts, entries, roots: rootCount } = verifier.counts
  console.log(`checked ${accounts} accounts, ${entries} entries, ${rootCount} roots`)
  if (verifier.root) {
    const { number, time, digest } = verifier.root
    console.log(`newest root ${number} of ${time}: ${digest}`)
  }
  console.log(`${violations} violations`)
  return violations > 0 ? 1 : 0
}

process.exitCode = await main().catch((error) => {
  console.error(`It cannot be verified: ${error.message}`)
  return 2
})
