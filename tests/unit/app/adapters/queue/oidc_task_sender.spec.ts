import { test } from '@japa/runner'
import { OidcTaskSender } from '#adapters/queue/oidc_task_sender'
import { FakeIssuer, lifetime } from '#tests/fakes/cloud_tasks/fake_issuer'

const AUDIENCE = 'https://worker.example.com'
const EMAIL = 'tasks@project.iam.gserviceaccount.com'
const OURS = { aud: AUDIENCE, email: EMAIL }

test.group('Sender of tasks, by OIDC', (group) => {
  let issuer: FakeIssuer
  group.each.setup(async () => {
    issuer = await FakeIssuer.start()
    return () => issuer.stop()
  })
  const sender = () =>
    new OidcTaskSender({
      issuer: issuer.issuer,
      jwksUrl: issuer.jwksUrl,
      audience: AUDIENCE,
      serviceAccount: EMAIL,
    })
  const doubt = (token: string | null, verify = sender()) =>
    verify.verify(token).then((verdict) => (verdict.ok ? null : verdict.doubt))

  test('the token of the service account is believed', async ({ assert }) => {
    assert.isNull(await doubt(await issuer.sign(OURS)))
  })

  test('a clock that is a little apart is no reason to doubt', async ({ assert }) => {
    assert.isNull(await doubt(await issuer.sign({ ...OURS, ...lifetime(3610) })))
    assert.isNull(await doubt(await issuer.sign({ ...OURS, ...lifetime(-10) })))
  })

  test('the keys are asked for once, and again when the issuer has new ones', async ({
    assert,
  }) => {
    const verify = sender()
    for (let n = 0; n < 5; n++) assert.isNull(await doubt(await issuer.sign(OURS), verify))
    assert.equal(issuer.asked, 1)

    await issuer.rotate()

    // The answer of a moment ago is still good, so it is not asked again at once.
    assert.equal(await doubt(await issuer.sign(OURS), verify), 'forged')
    assert.isNull(await doubt(await issuer.sign(OURS), sender()))
  })

  const claims: Record<string, [string, object]> = {
    'that expired': ['expired', lifetime(4000)],
    'without an end': ['forged', { exp: undefined }],
    'without a beginning': ['forged', { iat: undefined }],
    'for another audience': ['misdirected', { aud: 'https://else.example.com' }],
    'for no audience': ['misdirected', { aud: undefined }],
    'of another issuer': ['forged', { iss: 'https://else.example.com' }],
    'of no issuer': ['forged', { iss: undefined }],
    'of another account': ['stranger', { email: `x${EMAIL}` }],
    'of no account': ['stranger', { email: undefined }],
    'of an account that was not verified': ['stranger', { email_verified: false }],
    'that says verified in words': ['stranger', { email_verified: 'true' }],
  }
  test('a token {$self} is not believed')
    .with(Object.keys(claims))
    .run(async ({ assert }, name) => {
      const [expected, changed] = claims[name]

      assert.equal(await doubt(await issuer.sign({ ...OURS, ...changed })), expected)
    })

  test('a token that others signed, or that was changed, is forged', async ({ assert }) => {
    const token = await issuer.sign(OURS)
    const [head, , signature] = token.split('.')
    const other = Buffer.from(JSON.stringify({ ...OURS, ...lifetime(0), admin: true }))
    const none = Buffer.from(JSON.stringify({ alg: 'none' })).toString('base64url')
    const hmac = Buffer.from(JSON.stringify({ alg: 'HS256' })).toString('base64url')
    const body = other.toString('base64url')

    for (const forged of [
      await issuer.forge(OURS),
      [head, body, signature].join('.'),
      [none, body, ''].join('.'),
      [hmac, body, signature].join('.'),
      'nonsense',
      'a.b.c',
    ]) {
      assert.equal(await doubt(forged), 'forged', forged)
    }
  })

  test('no token is missing one', async ({ assert }) => {
    assert.equal(await doubt(null), 'missing')
    assert.equal(await doubt(''), 'missing')
  })

  test('while the keys cannot be had nobody is called a forger', async ({ assert }) => {
    const token = await issuer.sign(OURS)
    const verify = sender()
    await issuer.stop()

    assert.equal(await doubt(token, verify), 'unverifiable')
  })
})
