import { test } from '@japa/runner'
import { Credits } from '#core/ledger/credits'
import { bytesText, countText, creditsText, signedCreditsText } from '#app/admin/format/amounts'
import { creditsChart, jobsChart, lastDays } from '#app/admin/format/chart_series'
import { csvLine } from '#app/admin/format/csv'
import { timelineOf } from '#app/admin/format/timeline'
import { firstCall } from '#app/admin/format/first_call'
import { distanceText, durationText, instantText } from '#app/admin/format/times'
import { unitsText } from '#app/admin/format/units'

const credits = (decimal: string) => Credits.parse(decimal)

test.group('Amounts in words', () => {
  test('{amount} credits are {text}')
    .with([
      { amount: '0', text: '0.00' },
      { amount: '12.5', text: '12.50' },
      { amount: '0.000001', text: '0.000001' },
      { amount: '1234567', text: '1,234,567.00' },
      { amount: '-1234.5', text: '−1,234.50' },
      { amount: '999999999999.123456', text: '999,999,999,999.123456' },
    ])
    .run(({ assert }, { amount, text }) => {
      assert.equal(creditsText(credits(amount)), text)
    })

  test('what comes in says so', ({ assert }) => {
    assert.equal(signedCreditsText(credits('5')), '+5.00')
    assert.equal(signedCreditsText(credits('-5')), '−5.00')
    assert.equal(signedCreditsText(credits('0')), '0.00')
  })

  test('counts and sizes are short', ({ assert }) => {
    assert.equal(countText(1234567n), '1,234,567')
    assert.equal(bytesText(999), '999 B')
    assert.equal(bytesText(287_400), '287 kB')
    assert.equal(bytesText(1_250_000), '1.3 MB')
    assert.equal(
      unitsText({ outputs: 2, pixelsOut: 2_097_152, pixelsIn: 0, seconds: 3 }),
      '2 outputs, 2.10 MP out, 3 s of film'
    )
  })
})

test.group('Times in words', () => {
  test('{ms} ms took {text}')
    .with([
      { ms: 0, text: '0 ms' },
      { ms: 999, text: '999 ms' },
      { ms: 1_000, text: '1.0 s' },
      { ms: 59_940, text: '59.9 s' },
      { ms: 59_999, text: '1 min 0 s' },
      { ms: 3_599_600, text: '1 h 0 min' },
      { ms: 7_440_000, text: '2 h 4 min' },
    ])
    .run(({ assert }, { ms, text }) => {
      assert.equal(durationText(ms), text)
    })

  test('an instant is as far away as it is, either way', ({ assert }) => {
    const now = new Date('2026-11-22T12:00:00Z')
    const at = (seconds: number) => new Date(now.getTime() + seconds * 1000)

    assert.equal(distanceText(at(-2), now), 'just now')
    assert.equal(distanceText(at(-59), now), '59 s ago')
    assert.equal(distanceText(at(-3_599), now), '59 min ago')
    assert.equal(distanceText(at(-90_000), now), '1 day ago')
    assert.equal(distanceText(at(-172_800), now), '2 days ago')
    assert.equal(distanceText(at(600), now), 'in 10 min')
    assert.equal(instantText(now), '22 Nov 2026, 12:00:00 UTC')
  })
})

test.group('A line of CSV', () => {
  test('quotes what would break it', ({ assert }) => {
    assert.equal(
      csvLine(['a,b', 'say "hi"', 'two\nlines', null, 7]),
      '"a,b","say ""hi""","two\nlines",,7\r\n'
    )
  })

  test('lets no cell begin a formula, but negative numbers be', ({ assert }) => {
    assert.equal(csvLine(['=1+1', '+x', '@y', '-z', '-1.5']), "'=1+1,'+x,'@y,'-z,-1.5\r\n")
  })
})

test.group('A chart', () => {
  const days = ['2026-11-20', '2026-11-21', '2026-11-22']
  const activity = [
    { day: '2026-11-20', provider: 'sandbox', jobs: 2, spent: credits('0.1') },
    { day: '2026-11-22', provider: 'sandbox', jobs: 1, spent: credits('0.2') },
    { day: '2026-11-22', provider: 'local', jobs: 4, spent: credits('0') },
  ]

  test('has a bar for each day, also for those without anything', ({ assert }) => {
    const { drawing } = jobsChart(activity, days)

    assert.deepEqual(drawing.series, [
      { name: 'local', values: [0, 0, 4] },
      { name: 'sandbox', values: [2, 0, 1] },
    ])
  })

  test('adds credits up exactly, which fractions of a binary would not', ({ assert }) => {
    const chart = creditsChart(activity, days)

    assert.equal(chart.total, '0.30')
    assert.deepEqual(chart.rows[0], { day: '2026-11-22', cells: ['0.00', '0.20'], total: '0.20' })
    assert.equal(chart.rows.length, 3)
  })

  test('ends today, in UTC', ({ assert }) => {
    assert.deepEqual(lastDays(3, new Date('2026-03-01T23:59:00-05:00')), [
      '2026-02-28',
      '2026-03-01',
      '2026-03-02',
    ])
  })
})

test.group('A timeline', () => {
  const event = (seq: number, type: string, data: Record<string, unknown> = {}) => ({
    seq,
    type,
    data,
    createdAt: new Date(Date.UTC(2026, 10, 22, 12, 0, seq)),
  })

  test('tells of progress in a row only the last', ({ assert }) => {
    const told = timelineOf([
      event(1, 'queued', { held: '1.5' }),
      event(2, 'running', { attempt: 1 }),
      event(3, 'progress', { progress: 0.1 }),
      event(4, 'progress', { progress: 0.55 }),
      event(5, 'retrying', { attempt: 1, error: { message: 'Too busy.' } }),
      event(6, 'progress', { progress: 0.2 }),
    ])

    assert.deepEqual(
      told.map(({ title, detail, after }) => [title, detail, after]),
      [
        ['Accepted', '1.50 credits held', '+0 ms'],
        ['Attempt 1 began', null, '+1.0 s'],
        ['55 % done', null, '+3.0 s'],
        ['Attempt 1 did not work out', 'Too busy. It is tried again.', '+4.0 s'],
        ['20 % done', null, '+5.0 s'],
      ]
    )
  })

  test('tells an event that it does not know by its name', ({ assert }) => {
    const [told] = timelineOf([event(1, 'polished')])

    assert.equal(told.title, 'polished')
  })
})

test.group('The first call', () => {
  const model = (id: string, references: object, input: Record<string, unknown>) => ({
    id,
    references,
    price: { example: { input } },
  })

  test('asks a model that needs no file, in words that a shell leaves alone', ({ assert }) => {
    const call = firstCall('http://here', [
      model('a/upscale', { image: {} }, {}),
      model('a/image', {}, { prompt: "a painter's hill" }),
    ])

    assert.match(call, /^curl -s http:\/\/here\/v1\/generations/)
    assert.include(call, `-d '{"model":"a/image","input":{"prompt":"a painter'\\''s hill"}}'`)
  })

  test('asks what there is, where every model needs a file', ({ assert }) => {
    const call = firstCall('http://here', [model('a/upscale', { image: {} }, {})])

    assert.match(call, /^curl -s http:\/\/here\/v1\/models/)
  })
})
