import { test } from '@japa/runner'
import { judgeSignedUrl, signedUrl } from '#app/assets/signed_url'
import { appUrl } from '#config/app'

const file = { accountId: 'org_a', sha256: 'f'.repeat(64), contentType: 'image/png' }
const at = (time: string) => new Date(`2030-01-01T${time}Z`)

test.group('Signed URL', () => {
  test('begins with the address of this platform', ({ assert }) => {
    const { url } = signedUrl(file, at('12:00:00'))
    assert.isTrue(
      url.startsWith(`${appUrl}/files/org_a/${'f'.repeat(64)}?type=image%2Fpng&expires=`)
    )
  })

  test('lives an hour, rounded up so that it stays the same for a quarter', ({ assert }) => {
    assert.deepEqual(signedUrl(file, at('12:00:00')).expiresAt, at('13:00:00'))
    assert.deepEqual(signedUrl(file, at('12:00:01')).expiresAt, at('13:15:00'))
    assert.deepEqual(signedUrl(file, at('12:15:00')).expiresAt, at('13:15:00'))
    assert.equal(signedUrl(file, at('12:00:01')).url, signedUrl(file, at('12:14:59')).url)
    assert.notEqual(signedUrl(file, at('12:15:00')).url, signedUrl(file, at('12:15:01')).url)
  })

  test('lives as long as it is asked to', ({ assert }) => {
    const { expiresAt } = signedUrl(file, at('12:00:00'), 72 * 3_600_000)
    assert.deepEqual(expiresAt, new Date('2030-01-04T12:00:00Z'))
  })

  test('opens its own file only', ({ assert }) => {
    const query = new URL(signedUrl(file, at('12:00:00')).url).searchParams

    assert.equal(judgeSignedUrl(file, query, at('12:59:59')), 'valid')
    assert.equal(judgeSignedUrl({ ...file, accountId: 'org_b' }, query, at('12:00:00')), 'forged')
    assert.equal(
      judgeSignedUrl({ ...file, sha256: 'e'.repeat(64) }, query, at('12:00:00')),
      'forged'
    )
  })
})
