import { test } from '@japa/runner'
import { Credits, Usd } from '#core/ledger/credits'

const LARGEST = 2n ** 63n - 1n

test.group('Credits and Usd', () => {
  test('{text} is {micro} micro-units, and back')
    .with([
      { text: '0', micro: 0n },
      { text: '1', micro: 1_000_000n },
      { text: '1.25', micro: 1_250_000n },
      { text: '0.000001', micro: 1n },
      { text: '-0.5', micro: -500_000n },
      { text: '-12.000001', micro: -12_000_001n },
      { text: '9223372036854.775807', micro: LARGEST },
      { text: '-9223372036854.775807', micro: -LARGEST },
    ])
    .run(({ assert }, { text, micro }) => {
      assert.equal(Credits.parse(text).micro, micro)
      assert.equal(Credits.fromMicro(micro).toString(), text)
      assert.equal(Usd.parse(text).micro, micro)
      assert.equal(Usd.fromMicro(micro.toString()).toString(), text)
    })

  test('zeros that say nothing are read and not written', ({ assert }) => {
    for (const text of ['1.50', '01.5', '1.500000', '1.5000000000']) {
      assert.equal(Credits.parse(text).toString(), '1.5')
    }
    assert.equal(Credits.parse('-0').toString(), '0')
  })

  test('"{$self}" is not an amount')
    .with([
      '',
      ' 1',
      '1 ',
      '+1',
      '1.',
      '.5',
      '1,5',
      '1e3',
      '0x10',
      'NaN',
      'Infinity',
      '1.2.3',
      '--1',
    ])
    .run(({ assert }, text) => {
      assert.throws(
        () => Credits.parse(text),
        `"${text}" is not an amount. Write a decimal such as "12.5".`
      )
    })

  test('what is finer than a millionth is refused, never rounded', ({ assert }) => {
    for (const text of ['0.0000001', '1.2345678', '-0.0000009']) {
      assert.throws(() => Usd.parse(text), /finer than a millionth/)
    }
  })

  test('"{$self}" is too large, and told how large an amount can be')
    .with(['99999999999999', '-12345678901234.5', '9'.repeat(400)])
    .run(({ assert }, text) => {
      assert.throws(() => Credits.parse(text), /is too large\. Use at most 9223372036854\.775807/)
    })

  test('what no 64 bits can hold is refused, however it comes about', ({ assert }) => {
    const most = Credits.fromMicro(LARGEST)
    const least = Credits.fromMicro(-LARGEST)
    const one = Credits.fromMicro(1n)

    assert.throws(() => Credits.fromMicro(LARGEST + 1n), /do not fit in 64 bits/)
    assert.throws(() => Usd.fromMicro(-LARGEST - 1n), /do not fit in 64 bits/)
    assert.throws(() => Credits.parse('9223372036854.775808'), /do not fit in 64 bits/)
    assert.throws(() => most.plus(one), /do not fit in 64 bits/)
    assert.throws(() => least.minus(one), /do not fit in 64 bits/)
  })

  test('a refused amount is a fault with a code', ({ assert }) => {
    try {
      Credits.parse('much')
      assert.fail('it was read')
    } catch (error) {
      assert.propertyVal(error, 'code', 'E_AMOUNT_INVALID')
    }
  })

  test('sums and differences are exact where floats are not', ({ assert }) => {
    const sum = Credits.parse('0.1').plus(Credits.parse('0.2'))
    const difference = Credits.parse('9007199254.740993').minus(Credits.parse('0.000001'))

    assert.equal(sum.toString(), '0.3')
    assert.equal(difference.toString(), '9007199254.740992')
    assert.isTrue(sum.minus(sum).isZero)
    assert.isFalse(sum.isZero)
  })

  test('JSON has the decimal string', ({ assert }) => {
    assert.equal(JSON.stringify({ cost: Credits.parse('0.30') }), '{"cost":"0.3"}')
  })
})
