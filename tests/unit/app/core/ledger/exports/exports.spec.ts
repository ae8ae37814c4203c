import { test } from '@japa/runner'
import type { BooksSnapshot, Posting, RecordedLoss } from '#core/ledger/evidence/books'
import { journal } from '#core/ledger/exports/journal'
import { statement } from '#core/ledger/exports/statement'

const NOON = BigInt(Date.parse('2026-11-23T12:00:00Z')) * 1000n

function posting(change: Partial<Posting>): Posting {
  return {
    accountId: 'org_a',
    seq: 1n,
    kind: 'grant',
    amountMicro: 5_000_000n,
    balanceAfterMicro: 5_000_000n,
    grantId: 'gra_1',
    grantKind: 'topup',
    holdId: null,
    ref: 'stripe:in_1',
    actor: 'system:stripe',
    reasonDigest: null,
    createdAtMicros: NOON + 7n,
    hash: 'ab'.repeat(32),
    ...change,
  }
}

function snapshotOf(postings: Posting[], losses: RecordedLoss[] = []) {
  async function* each<Row>(rows: Row[]) {
    yield* rows
  }
  return {
    time: new Date('2026-11-24T00:00:00Z'),
    postings: () => each(postings),
    losses: () => each(losses),
  } as unknown as BooksSnapshot
}

async function textOf(lines: AsyncIterable<string>): Promise<string> {
  let text = ''
  for await (const line of lines) text += line
  return text
}

/** The amounts of each transaction, in micro-credits. */
function sums(text: string): bigint[] {
  const blocks = text.split('\n\n').filter((block) => /^\d{4}-/.test(block))
  return blocks.map((block) =>
    [...block.matchAll(/^ {4}\S.*? {2}(-?)(\d+)(?:\.(\d+))? CR/gm)].reduce(
      (sum, [, sign, whole, part = '']) => {
        const micro = BigInt(whole) * 1_000_000n + BigInt(part.padEnd(6, '0'))
        return sum + (sign ? -micro : micro)
      },
      0n
    )
  )
}

test.group('The journal', () => {
  test('each transaction sums to zero and asserts the stored balance', async ({ assert }) => {
    const spent = { kind: 'consume', amountMicro: -4425n, ref: null, holdId: 'job_1' }
    const text = await textOf(
      journal(
        snapshotOf(
          [posting({}), posting({ seq: 2n, balanceAfterMicro: 4_995_575n, ...spent })],
          [
            {
              accountId: 'org_a',
              jobId: 'job_2',
              attempt: 1,
              kind: 'overrun',
              priceMicro: 250_000n,
              vendorCostMicroUsd: 40_000n,
              assumed: false,
              createdAtMicros: NOON,
            },
          ]
        ),
        {}
      )
    )

    assert.deepEqual(sums(text), [0n, 0n, 0n])
    assert.include(text, '2026-11-23 (1) grant stripe:in_1\n')
    assert.include(
      text,
      '    liabilities:credits:org_a  -5 CR = -5 CR\n    equity:grants:topup  5 CR\n'
    )
    assert.include(text, '  0.004425 CR = -4.995575 CR\n    revenue:usage  -0.004425 CR\n')
    assert.include(
      text,
      '    expenses:losses:overrun  0.25 CR\n    revenue:not charged  -0.25 CR\n'
    )
    for (const account of ['liabilities:credits:org_a', 'equity:grants:topup', 'revenue:usage']) {
      assert.lengthOf(text.match(new RegExp(`^account ${account}$`, 'gm')) ?? [], 1)
    }
  })

  test('a kind of entry that nobody has classified is there all the same', async ({ assert }) => {
    const kinds = ['windfall', 'constructor'].map((kind, index) =>
      posting({ kind, seq: BigInt(index + 1), balanceAfterMicro: 5_000_000n * BigInt(index + 1) })
    )
    const text = await textOf(journal(snapshotOf(kinds), {}))

    assert.deepEqual(sums(text), [0n, 0n])
    assert.include(text, 'equity:unclassified:windfall  5 CR')
    assert.include(text, 'equity:unclassified:constructor  5 CR')
  })

  test('an account of which the beginning is left out opens with what it had', async ({
    assert,
  }) => {
    const from = new Date('2026-11-20T00:00:00Z')
    const later = posting({ seq: 9n, balanceAfterMicro: 12_000_000n })
    const text = await textOf(journal(snapshotOf([later]), { from }))

    assert.include(text, 'liabilities:credits:org_a  -7 CR\n    equity:opening balances  7 CR\n')
    assert.deepEqual(sums(text), [0n, 0n])
  })

  test('a reference cannot write a journal of its own', async ({ assert }) => {
    const ref = 'x\n2026-01-01 forged\n    a  1 CR\n    b ; c | d'
    const text = await textOf(journal(snapshotOf([posting({ ref, actor: 'user:a,hash:b' })]), {}))

    assert.include(text, 'grant x 2026-01-01 forged a 1 CR b c d\n')
    assert.include(text, 'actor:user:a hash:b,')
    assert.lengthOf(text.match(/^\d{4}-/gm)!, 1)
  })
})

test('a statement has every column of every entry, to the microsecond', async ({ assert }) => {
  const rows: unknown[][] = []
  for await (const row of statement(snapshotOf([posting({ kind: 'windfall' })]), {})) rows.push(row)

  const [names, cells] = rows
  const row = Object.fromEntries(names.map((name, index) => [name, String(cells[index])]))
  assert.containsSubset(row, {
    account: 'org_a',
    seq: '1',
    created_at: '2026-11-23T12:00:00.000007Z',
    kind: 'windfall',
    amount_credits: '5',
    grant_kind: 'topup',
    hash: 'ab'.repeat(32),
  })
})
