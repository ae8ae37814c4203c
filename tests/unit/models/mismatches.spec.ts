import { test } from '@japa/runner'
import { Credits } from '#core/ledger/credits'
import { mismatches, type DeliveredFile, type Outcome } from '#tests/models/mismatches'

const credits = (text: string) => Credits.parse(text)

const file: DeliveredFile = {
  ...{ contentType: 'image/png', isDeclared: true, bytes: 10, stored: 10, isOfVendor: true },
}

const right: Outcome = {
  ...{ status: 'succeeded', error: null, quoted: credits('2'), held: credits('2') },
  ...{ holdState: 'settled', charged: credits('1.5'), metered: credits('1.5') },
  ...{ returned: credits('0.5'), requested: 1, delivered: 1, losses: [], doubt: null },
  ...{ isFree: false, files: [file] },
}

const WRONG: { title: string; with: Partial<Outcome>; says: RegExp }[] = [
  {
    title: 'a failure',
    with: { status: 'failed', error: { class: 'blocked_input', message: 'Refused.' } },
    says: /It failed \(blocked_input\): Refused/,
  },
  {
    title: 'another hold than was promised',
    with: { quoted: credits('1') },
    says: /1 was promised/,
  },
  { title: 'an open hold', with: { holdState: 'held' }, says: /is held, not settled/ },
  {
    title: 'more charged than held',
    with: { charged: credits('3'), metered: credits('3'), returned: credits('-1') },
    says: /3 was charged of 2/,
  },
  { title: 'credits that vanish', with: { returned: credits('0.4') }, says: /are not the 2 held/ },
  {
    title: 'another price of its attempts',
    with: { metered: credits('1') },
    says: /attempts cost 1/,
  },
  {
    title: 'a gift',
    with: { charged: credits('0'), metered: credits('0'), returned: credits('2') },
    says: /Nothing was charged/,
  },
  { title: 'fewer outputs', with: { requested: 2 }, says: /1 of 2 outputs/ },
  { title: 'an output without its file', with: { files: [] }, says: /with 0 files/ },
  { title: 'a loss', with: { losses: ['overrun'] }, says: /loss was booked: overrun/ },
  { title: 'a cost nobody believes', with: { doubt: 'too_high' }, says: /not believed: too_high/ },
  {
    title: 'a file of another kind',
    with: { files: [{ ...file, contentType: 'image/gif', isDeclared: false }] },
    says: /image\/gif, which the model does not declare/,
  },
  {
    title: 'a file that is cut in the store',
    with: { files: [{ ...file, stored: 9 }] },
    says: /not in the store as told/,
  },
  {
    title: 'a file that a plugin made up',
    with: { files: [{ ...file, isOfVendor: false }] },
    says: /never made by its vendor/,
  },
]

test.group('What a model under trial must come to', () => {
  test('fits together', ({ assert }) => {
    assert.deepEqual(mismatches(right), [])
    const free = { charged: credits('0'), metered: credits('0'), returned: credits('2') }
    assert.deepEqual(mismatches({ ...right, ...free, isFree: true }), [])
  })

  test('{title} is told')
    .with(WRONG)
    .run(({ assert }, { with: difference, says }) => {
      const found = mismatches({ ...right, ...difference })

      assert.lengthOf(found, 1)
      assert.match(found[0], says)
    })
})
