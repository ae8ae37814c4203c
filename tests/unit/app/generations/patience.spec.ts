import { Logger } from '@adonisjs/core/logger'
import { test } from '@japa/runner'
import { isAway, Patience } from '#app/generations/patience'

const patience = new Patience(new Logger({ enabled: false }))
const coded = (code: string) => Object.assign(new Error('it broke'), { code })

/** A step that throws these, one a call, and then answers. */
function failing(...errors: Error[]) {
  let calls = 0
  const step = async () => {
    const error = errors[calls++]
    if (error) throw error
    return 'done'
  }
  return { step, calls: () => calls }
}

test.group('Patience with our own database and files', () => {
  test('a step is taken again until they are back', async ({ assert }) => {
    const { step, calls } = failing(coded('57P01'), coded('ENOSPC'))

    assert.equal(await patience.until(new AbortController().signal, step), 'done')
    assert.equal(calls(), 3)
  })

  test('any other fault is told at once', async ({ assert }) => {
    const { step, calls } = failing(new TypeError('a fault of the code'))

    await assert.rejects(() => patience.until(new AbortController().signal, step), /of the code/)
    assert.equal(calls(), 1)
  })

  test('it ends when the worker has to let go', async ({ assert }) => {
    const abort = new AbortController()
    let calls = 0
    const step = async () => {
      if (++calls === 2) abort.abort('lease_lost')
      throw coded('ECONNREFUSED')
    }

    await assert.rejects(() => patience.until(abort.signal, step), /abort/)
    assert.equal(calls, 2)
  })

  test('{what} is one that time mends')
    .with([
      { what: 'a server that shuts down', error: coded('57P01') },
      { what: 'a server that starts', error: coded('57P03') },
      { what: 'a server without a free connection', error: coded('53300') },
      { what: 'a full disk of the server', error: coded('53100') },
      { what: 'a server that nobody hears', error: coded('ECONNREFUSED') },
      { what: 'a connection that was cut', error: new Error('Connection terminated unexpectedly') },
      {
        what: 'a pool that is empty',
        error: Object.assign(new Error(), { name: 'KnexTimeoutError' }),
      },
      { what: 'a bucket that takes nothing', error: coded('E_CANNOT_WRITE_FILE') },
      { what: 'a disk that was taken away', error: coded('EROFS') },
      {
        what: 'a bucket that cannot be reached to be read',
        error: Object.assign(coded('E_CANNOT_READ_FILE'), { cause: coded('ETIMEDOUT') }),
      },
    ])
    .run(({ assert }, { error }) => assert.isTrue(isAway(error)))

  test('{what} is none')
    .with([
      { what: 'a row that breaks a constraint', error: coded('23505') },
      { what: 'a statement that is wrong', error: coded('42601') },
      {
        what: 'a file that is not there',
        error: Object.assign(coded('E_CANNOT_READ_FILE'), { cause: coded('ENOENT') }),
      },
      { what: 'a picture that is none', error: coded('E_FILE_UNREADABLE') },
      { what: 'a fault of the code', error: new TypeError('x is not a function') },
      { what: 'nothing', error: null },
    ])
    .run(({ assert }, { error }) => assert.isFalse(isAway(error)))
})
