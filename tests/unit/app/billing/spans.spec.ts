import { test } from '@japa/runner'
import { readInstant, spanAfter } from '#app/billing/validators/spans'

test.group('Spans of time', () => {
  test('{span} after {from} in {zone} is {to}')
    .with([
      { span: '90min', from: '2027-01-01T00:00:00Z', zone: 'UTC', to: '2027-01-01T01:30:00Z' },
      { span: '36h', from: '2027-01-01T00:00:00Z', zone: 'UTC', to: '2027-01-02T12:00:00Z' },
      { span: '2w', from: '2027-01-01T00:00:00Z', zone: 'UTC', to: '2027-01-15T00:00:00Z' },
      { span: '1mo', from: '2027-01-31T00:00:00Z', zone: 'UTC', to: '2027-02-28T00:00:00Z' },
      { span: '1y', from: '2028-02-29T00:00:00Z', zone: 'UTC', to: '2029-02-28T00:00:00Z' },
      // The day summer time begins has 23 hours.
      {
        span: '1d',
        from: '2027-03-27T12:00:00Z',
        zone: 'Europe/Berlin',
        to: '2027-03-28T11:00:00Z',
      },
      {
        span: '24h',
        from: '2027-03-27T12:00:00Z',
        zone: 'Europe/Berlin',
        to: '2027-03-28T12:00:00Z',
      },
    ])
    .run(({ assert }, { span, from, zone, to }) => {
      assert.deepEqual(spanAfter(new Date(from), span, zone), new Date(to))
    })

  test('{text} is none')
    .with(
      ['', '0d', '-1d', 'soon', '1', 'd', '1.5d', '999999y', '1 fortnight'].map((text) => ({
        text,
      }))
    )
    .run(({ assert }, { text }) => {
      assert.isNull(spanAfter(new Date(), text, 'UTC'))
    })

  test('instants are days or moments with their zone', ({ assert }) => {
    assert.deepEqual(readInstant('2030-01-31'), new Date('2030-01-31T00:00:00Z'))
    assert.deepEqual(readInstant('2030-01-31T08:00+02:00'), new Date('2030-01-31T06:00:00Z'))
    for (const text of ['tomorrow', '2030-13-01', '2030-01-31T08:00', '']) {
      assert.isNull(readInstant(text), text)
    }
  })
})
