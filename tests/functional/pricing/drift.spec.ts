import { test } from '@japa/runner'
import PricesDrift from '../../../commands/prices_drift.js'
import ScheduleRun from '../../../commands/schedule_run.js'
import type { PriceRule } from '#core/prices/price_rule'
import { acme, AcmeProvider, FakeAcme } from '#tests/contracts/small_vendor/acme'
import { run } from '../commands/terminal.js'
import { newSignedInOperator } from '../admin/visitor.js'
import { attachVendor } from '../generations/attached_vendor.js'
import { newStudio } from '../generations/studio.js'

const JOBS = 20

/**
 * One cent by its price, and says afterwards that it was 0.8 credits of a cent. Had it said more than was
 * held, it would be off sale after the third.
 */
const rule: PriceRule = {
  reported: {
    unit: 'credits',
    rates: [{ version: '1', from: '2020-01-01T00:00:00Z', rate: '0.01' }],
    otherwise: { flat: '0.01' },
  },
}

class Reporter extends AcmeProvider {
  usage() {
    return { outputs: 1, reportedCost: { amount: 0.8, unit: 'credits' } }
  }
}

const reporting = {
  ...acme,
  id: 'reporter',
  models: acme.models.map((model) => ({ ...model, price: { ...model.price, rule } })),
  provider: ({ http }: Parameters<typeof acme.provider>[0]) => new Reporter(http),
}

class FakeReporter extends FakeAcme {
  environment() {
    const { ACME_BASE_URL: url, ...rest } = super.environment()
    return { ...rest, REPORTER_BASE_URL: url }
  }
}

test.group('Vendors whose figures are not what their price says', () => {
  test('are told once there are enough of them, with what would mend it', async ({
    client,
    assert,
    cleanup,
  }) => {
    await attachVendor(reporting, new FakeReporter(), cleanup)
    const studio = await newStudio(client)
    const order = { model: 'reporter/painter', input: { prompt: 'a boat' } }
    for (let n = 1; n < JOBS; n++) await studio.generated(order)

    const few = await run(PricesDrift, ['--json'])
    const early = JSON.parse(few.said).find((one: any) => one.model === 'reporter/painter')
    assert.containSubset(early, { jobs: JOBS - 1, isOff: false, mend: null })

    await studio.generated(order)
    const { said, exitCode } = await run(PricesDrift, ['--json'])
    const [furthest] = JSON.parse(said)
    assert.containSubset(furthest, {
      ...{ model: 'reporter/painter', jobs: JOBS, unread: 0, isOff: true },
      ...{ own: '0.2', reported: '0.16' },
    })
    assert.closeTo(furthest.part, -0.2, 1e-9)
    assert.match(furthest.mend, /plugins\/reporter\/models.ts, painter: multiply .* by 0.800/)
    assert.equal(exitCode, 1)

    const { visitor } = await newSignedInOperator()
    const { text } = await visitor.get('/admin/models')
    assert.include(text, 'Prices that are off')
    assert.include(text, '-20.0 %')

    for (let time = 1; time <= 2; time++) await run(ScheduleRun, ['prices:drift', '--early'])
    const notices = await visitor.get('/admin/notices')
    const told = notices.text.split(
      'reporter/painter is billed 20.0 % less than its price says'
    ).length
    assert.equal(told - 1, 1, 'it is told once')
  }).timeout(120_000)
})
