import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from '@japa/runner'
import type { Finding } from '#core/ledger/evidence/finding'
import { rewritten, TAMPERINGS, type Tampering } from './evidence/tamperings.js'
import { newKey, Vault } from './evidence/vault.js'

test.group('Evidence of the ledger: tampering', (group) => {
  let vault: Vault
  let account: string
  group.setup(async () => {
    vault = await Vault.open()
    account = await vault.newAccount('100')
    const other = await vault.newAccount('50')
    await vault.spend(account, 3)
    await vault.notary().sign()
    await vault.spend(account, 2)
    await vault.spend(other)
    await vault.notary().sign()
    await vault.spend(account)
    await vault.keep()
    return () => vault.close()
  })
  group.each.setup(() => () => vault.restore())

  test('books that nobody touched have no finding', async ({ assert }) => {
    const { findings, accounts, entries, roots } = await vault.audit()

    assert.deepEqual(findings, [])
    assert.deepEqual({ accounts, entries, roots }, { accounts: 2, entries: 9, roots: 2 })
    const { code, said } = await vault.verifyOffline(await vault.export())
    assert.include(said, 'checked 2 accounts, 9 entries, 2 roots')
    assert.equal(code, 0)
  })

  test('{$self} is found, and named')
    .with(Object.keys(TAMPERINGS))
    .run(async ({ assert }, name) => {
      const { names, rule, offline, ...tampering }: Tampering = TAMPERINGS[name]
      await tampering.commit(vault, account)

      const { findings } = await vault.audit()

      const named = findings.filter((finding) =>
        'root' in names
          ? finding.accountId === null && finding.root === names.root
          : finding.accountId === account && finding.seq === names.seq
      )
      assert.isTrue(
        named.some((finding) => finding.rule.startsWith(rule)),
        JSON.stringify(findings.map(plain), null, 1)
      )
      assert.isTrue(findings.every(({ accountId }) => !accountId || accountId === account))

      const { code, said } = await vault.verifyOffline(await vault.export())
      assert.equal(code, offline ? 1 : 0, said)
      if (!offline) return
      assert.include(said, 'root' in names ? `root ${names.root}: ` : `${account}, entry `)
      if ('seq' in names && !rule.startsWith('10')) assert.include(said, `entry ${names.seq}: `)
    })

  test('a rewritten chain is found by the roots, and by nothing else', async ({ assert }) => {
    await vault.forge(account, ...rewritten(2))

    const { findings } = await vault.audit()

    assert.deepEqual(
      findings.map(({ rule, root, seq }) => ({ rule, root, seq })),
      [{ rule: '10 what was signed is still so', root: 1, seq: 4n }]
    )
    assert.deepEqual(await vault.ledger.verify(), [])
  })

  test('what is rewritten before any root has seen it is not found: the gap of one interval', async ({
    assert,
  }) => {
    await vault.forge(account, ...rewritten(7))

    assert.deepEqual(await vault.findings(), [])
    const signed = await vault.notary().sign()
    assert.isObject(signed)
    assert.deepEqual(await vault.findings(), [])
    assert.equal(await vault.offlineCode(await vault.export()), 0)
  })

  test('what contradicts the last root is not signed', async ({ assert }) => {
    await vault.forge(account, ...rewritten(2))

    await assert.rejects(
      () => vault.notary().sign(),
      new RegExp(`${account} was rewritten.*entry 6`)
    )
    assert.containsSubset(await vault.archive.newest(), { number: 2 })
  })

  test('roots that were tampered with are not continued', async ({ assert }) => {
    await TAMPERINGS['a root whose heads were edited'].commit(vault, account)

    await assert.rejects(() => vault.notary().sign(), /heads beside root 2 are not those it signed/)
  })

  test('another key does not continue the roots of the first', async ({ assert }) => {
    await assert.rejects(() => vault.notary(newKey()).sign(), /root 2 was not signed with this key/)
  })

  test('of a proof, another key believes nothing', async ({ assert }) => {
    const { code, said } = await vault.verifyOffline(await vault.export(), { key: newKey() })

    assert.equal(code, 1)
    assert.match(said, /root 1: it is not signed with key/)
  })

  test('a proof that lost lines, or got some, is no proof', async ({ assert }) => {
    const file = await vault.export()
    const whole = await readFile(file, 'utf8')
    const lines = whole.trimEnd().split('\n')
    const entries = lines.findIndex((line) => line.includes('"type":"entry"'))
    const forgeries: [string[], RegExp][] = [
      [lines.slice(0, -1), /ends before its last line/],
      [lines.toSpliced(entries, 1), /entry 1: it is missing/],
      [lines.toSpliced(entries, 0, lines[entries]), /does not belong after entry 1/],
      [lines.toSpliced(entries, 0, '{"type":"entry"'), /line \d+: /],
      [lines.toSpliced(1, 0, '{"type":"gift"}'), /"gift" is no type/],
      [[...lines, lines.at(-1)!], /more after the end/],
      [
        lines.filter((line) => !/"type":"(root|head)"/.test(line)),
        /no signed root: nothing is proved/,
      ],
      [[], /ends before its last line/],
    ]
    for (const [forged, finding] of forgeries) {
      await writeFile(file, forged.map((line) => `${line}\n`).join(''))
      const { code, said } = await vault.verifyOffline(file)
      assert.equal(code, 1, said)
      assert.match(said, finding)
    }
  })

  test('newest roots that are gone are found by a digest that was noted', async ({ assert }) => {
    const { newest } = await vault.audit()
    const options = [`--root=${newest!.digest}`]
    assert.equal(await vault.offlineCode(await vault.export(), { options }), 0)
    await rm(await vault.rootFile(2))

    assert.deepEqual(await vault.findings(), [])
    const { said } = await vault.verifyOffline(await vault.export(), { options })
    assert.include(said, `no root ${newest!.digest}`)
    const since = await vault.audit({ since: newest! })
    assert.deepEqual(since.findings[0]?.root, 2)
  })

  test('a proof of one account has its entries only, and proves them', async ({ assert }) => {
    const file = await vault.export(account)

    const { code, said } = await vault.verifyOffline(file)
    assert.include(said, 'checked 1 accounts, 7 entries, 2 roots')
    assert.equal(code, 0)
    await vault.forge(account, ...rewritten(5))
    const forged = await vault.verifyOffline(await vault.export(account))
    assert.equal(forged.code, 1)
    assert.match(forged.said, new RegExp(`${account}, entry 6: expected hash`))
  })

  test('what cannot be read is no violation, but it is no success either', async ({ assert }) => {
    const missing = await vault.verifyOffline(join(vault.directory, 'missing.jsonl'))
    assert.equal(missing.code, 2)
    assert.match(missing.said, /cannot be verified: ENOENT/)
    const file = await vault.export()
    assert.equal(await vault.offlineCode(file, { options: ['--root=7'] }), 2)
    const swapped = await vault.verifyOffline(file, { key: { publicPem: 'no key' } })
    assert.equal(swapped.code, 2)
  })
})

test.group('Evidence of the ledger: since the last verified root', (group) => {
  let vault: Vault
  group.each.setup(async () => {
    vault = await Vault.open()
    return () => vault.close()
  })

  test('only accounts that moved are read, from where they were', async ({ assert }) => {
    const [still, moving] = [await vault.newAccount('5'), await vault.newAccount('5')]
    await vault.spend(moving, 2)
    await vault.notary().sign()
    const { newest: since } = await vault.audit()
    await vault.spend(moving)
    const fresh = await vault.newAccount('7')
    await vault.notary().sign()

    const { findings, entries, roots } = await vault.audit({ since: since! })
    assert.deepEqual(findings, [])
    assert.deepEqual({ entries, roots }, { entries: 2, roots: 1 })

    await vault.forge(fresh, `update entries set actor = 'user:x' where account_id = $account`)
    await vault.forge(
      moving,
      `update entries set actor = 'user:x' where account_id = $account and seq = 4`
    )
    const found = await vault.audit({ since: since! })
    assert.sameDeepMembers(
      found.findings.map(({ accountId, seq }) => [accountId, seq]),
      [
        [fresh, 1n],
        [moving, 4n],
      ]
    )
    assert.isFalse(found.findings.some(({ accountId }) => accountId === still))
  })

  test('a head that is no longer a prefix is found', async ({ assert }) => {
    const account = await vault.newAccount('50')
    await vault.spend(account, 3)
    await vault.notary().sign()
    const { newest: since } = await vault.audit()
    await vault.spend(account)
    await vault.forge(account, ...rewritten(2))

    const { findings } = await vault.audit({ since: since! })

    assert.deepInclude(
      findings.map(({ seq, root }) => ({ seq, root })),
      { seq: 4n, root: 1 }
    )
  })

  test('it does not read again what it has verified: that is for the full check', async ({
    assert,
  }) => {
    const account = await vault.newAccount('50')
    await vault.spend(account, 3)
    await vault.notary().sign()
    const { newest: since } = await vault.audit()
    await vault.forge(
      account,
      `update entries set actor = 'user:x' where account_id = $account and seq = 2`
    )

    assert.deepEqual(await vault.findings({ since: since! }), [])
    const found = await vault.findings()
    assert.deepEqual(
      found.map(({ seq }) => seq),
      [2n]
    )
  })
})

function plain({ accountId, seq, root, rule, detail }: Finding) {
  return [accountId, String(seq), root, rule, detail]
}

test.group('Evidence of the ledger: signing', (group) => {
  let vault: Vault
  group.each.setup(async () => {
    vault = await Vault.open()
    return () => vault.close()
  })

  const headsOf = async (number: number) => {
    const text = await readFile(await vault.rootFile(number, 'heads.jsonl'), 'utf8')
    return text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).slice(0, 2))
  }

  test('the first root lists all heads, the next what moved, and none is written for nothing', async ({
    assert,
  }) => {
    const notary = vault.notary()
    assert.equal(await notary.sign(), 'unchanged')
    const [first, second] = [await vault.newAccount('5'), await vault.newAccount('5')]
    await notary.sign()
    assert.equal(await notary.sign(), 'unchanged')
    await vault.spend(second)
    const third = await vault.newAccount('5')
    await notary.sign()

    const all = [first, second].sort().map((id) => [id, '1'])
    assert.deepEqual(await headsOf(1), all)
    assert.deepEqual(await headsOf(2), [
      [second, '2'],
      [third, '1'],
    ])
    const { findings, roots } = await vault.audit()
    assert.deepEqual(findings, [])
    assert.equal(roots, 2)
  })

  test('whoever comes next goes on where the last one was, without its memory', async ({
    assert,
  }) => {
    const account = await vault.newAccount('50')
    for (let root = 0; root < 4; root++) {
      await vault.spend(account)
      await vault.notary().sign()
    }

    const { findings, roots, newest } = await vault.audit()
    assert.deepEqual(findings, [])
    assert.deepEqual([roots, newest!.number], [4, 4])
    assert.deepEqual(await headsOf(4), [[account, '5']])
    assert.equal(await vault.offlineCode(await vault.export()), 0)
  })

  test('the first root of a day lists all heads, moved or not', async ({ assert }) => {
    const [still, moving] = [await vault.newAccount('5'), await vault.newAccount('5')]
    await vault.notary().sign()
    await vault.moveRoots('2026-01-01')
    assert.equal(await vault.notary().sign(), 'unchanged')
    await vault.spend(moving)
    await vault.notary().sign()

    assert.deepEqual(
      await headsOf(2),
      [
        [still, '1'],
        [moving, '2'],
      ].sort()
    )
    assert.deepEqual(await vault.findings(), [])
    assert.equal(await vault.offlineCode(await vault.export()), 0)
  })

  test('when many moved since all were listed, all are listed again', async ({ assert }) => {
    const accounts = await Promise.all(Array.from({ length: 5 }, () => vault.newAccount('9')))
    const listed: number[] = []
    const notary = vault.notary(vault.key, 2)
    for (const moving of [5, 2, 1, 3, 1]) {
      for (const account of accounts.slice(0, moving)) await vault.spend(account)
      await notary.sign()
      const heads = await headsOf(listed.length + 1)
      listed.push(heads.length)
    }

    assert.deepEqual(listed, [5, 2, 5, 5, 1])
    assert.deepEqual(await vault.findings(), [])
    assert.equal(await vault.offlineCode(await vault.export()), 0)
  })

  test('a process notices when the root it wrote is gone', async ({ assert }) => {
    const account = await vault.newAccount('5')
    const notary = vault.notary()
    await notary.sign()
    await vault.spend(account)
    await notary.sign()
    await rm(await vault.rootFile(2))

    await assert.rejects(() => notary.sign(), /cannot be continued: root 2 is gone/)
  })

  test('of many processes at once, one signs', async ({ assert }) => {
    await vault.newAccount('5')

    const outcomes = await Promise.all(Array.from({ length: 8 }, () => vault.notary().sign()))

    assert.lengthOf(
      outcomes.filter((outcome) => typeof outcome === 'object'),
      1
    )
    assert.deepEqual(await vault.findings(), [])
  })

  test('while entries are written, every root is true', async ({ assert }) => {
    const accounts = await Promise.all(Array.from({ length: 4 }, () => vault.newAccount('1')))
    let writing = true
    const writers = accounts.map(async (account) => {
      for (let time = 0; time < 30; time++) await vault.grant(account, '1')
    })
    const notaries = [vault.notary(), vault.notary()].map(async (notary) => {
      while (writing) await notary.sign()
    })
    await Promise.all(writers)
    writing = false
    await Promise.all(notaries)
    await vault.notary().sign()

    const { findings, roots, entries } = await vault.audit()
    assert.deepEqual(findings, [])
    assert.equal(entries, 4 * 31)
    assert.isAbove(roots, 1)
    assert.equal(await vault.offlineCode(await vault.export()), 0)
  })

  test('a list whose root was never written is written again', async ({ assert }) => {
    const account = await vault.newAccount('5')
    const today = new Date().toISOString().slice(0, 10)
    await vault.archive.writeHeads({ number: 1, date: today }, cut())
    async function* cut() {
      yield { accountId: account, seq: 9n, hash: 'ab'.repeat(32) }
    }

    await vault.notary().sign()

    assert.deepEqual(await headsOf(1), [[account, '1']])
    assert.deepEqual(await vault.findings(), [])
  })

  test('a root is never replaced', async ({ assert }) => {
    await vault.newAccount('5')
    await vault.notary().sign()
    const name = (await vault.archive.newest())!
    const before = await readFile(await vault.rootFile(1), 'utf8')

    await assert.rejects(
      () => vault.archive.write(name, vault.key.seal('another')),
      /Root 1 of the ledger is there already/
    )
    assert.equal(await readFile(await vault.rootFile(1), 'utf8'), before)
  })

  test('the code hashes an entry as the database does, whatever is in it', async ({ assert }) => {
    const account = await vault.newAccount('5')
    const odd = ['', 'ü漢🎨', 'x'.repeat(5000), "'", null]
    for (const [index, ref] of odd.entries()) {
      await vault.sql.rows(
        `insert into entries select (e).account_id, (e).seq, (e).kind, (e).amount_micro,
           (e).balance_after_micro, (e).grant_id, (e).hold_id, (e).ref, (e).actor, (e).note_id,
           (e).reason_digest, ledger_entry_hash(head_hash, e), (e).created_at
         from (select a.head_hash, row(a.id, $2::bigint, 'expire', -1::bigint,
           (5000000 - $2 + 1)::bigint, null, $3::text, $3::text, 'user:ü', null, null, '',
           '1969-07-20 20:17:40.000001Z'::timestamptz)::entries as e
           from accounts a where id = $1) x`,
        [account, String(index + 2), ref]
      )
      await vault.sql.rows(
        `update accounts set seq = $2, available_micro = available_micro - 1, head_hash =
           (select hash from entries where account_id = $1 and seq = $2) where id = $1`,
        [account, String(index + 2)]
      )
    }
    await vault.notary().sign()

    const { findings, entries } = await vault.audit()
    assert.equal(entries, 6)
    assert.deepEqual(
      findings.filter(({ seq }) => seq !== null),
      []
    )
    const { code, said } = await vault.verifyOffline(await vault.export())
    assert.equal(code, 0, said)
  })
})
