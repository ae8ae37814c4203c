import db from '@adonisjs/lucid/services/db'
import { test } from '@japa/runner'
import { revokeApiKey } from '#app/identity/actions/revoke_api_key'
import { mintKey } from '#app/identity/api_key'
import { keyRing } from '#app/identity/key_ring'
import { newOrganisation } from '#tests/factories'

const REMEMBERED = { fromMemory: true }
const ASKED = { fromMemory: false }

test.group('Key ring', () => {
  test('it knows who holds a key, with what the key may do', async ({ assert }) => {
    const { organisation, key, keyText } = await newOrganisation({ scopes: ['read'] })

    const caller = await keyRing.holder(keyText, ASKED)

    assert.deepEqual(caller, {
      orgId: organisation.id,
      keyId: key.id,
      userId: null,
      scopes: ['read'],
      mode: 'live',
      actor: `key:${key.id}`,
    })
  })

  test('a key that nobody holds, or that is none, is nobody', async ({ assert }) => {
    for (const text of [mintKey('live').text, '', 'dg_live_short', "' or true --"]) {
      assert.isNull(await keyRing.holder(text, ASKED))
      assert.isNull(await keyRing.holder(text, REMEMBERED))
    }
  })

  test('a key that was revoked without a word is remembered only where it is looked at again later, until somebody asks', async ({
    assert,
  }) => {
    const { key, keyText } = await newOrganisation()
    await keyRing.holder(keyText, ASKED)
    await db.from('api_keys').where('id', key.id).update({ revoked_at: new Date() })

    const remembered = await keyRing.holder(keyText, REMEMBERED)
    const asked = await keyRing.holder(keyText, ASKED)
    const after = await keyRing.holder(keyText, REMEMBERED)

    assert.equal(remembered?.keyId, key.id)
    assert.isNull(asked)
    assert.isNull(after)
  })

  test('a key that was forgotten is asked for again', async ({ assert }) => {
    const { key, keyText } = await newOrganisation()
    await keyRing.holder(keyText, ASKED)
    await revokeApiKey(key.id)

    keyRing.forget(key.id)

    assert.isNull(await keyRing.holder(keyText, REMEMBERED))
  })

  test('nothing is remembered for longer than a minute', async ({ assert, cleanup }) => {
    const now = Date.now
    cleanup(() => {
      Date.now = now
    })
    const { key, keyText } = await newOrganisation()
    await keyRing.holder(keyText, ASKED)
    await revokeApiKey(key.id)

    Date.now = () => now() + 61_000

    assert.isNull(await keyRing.holder(keyText, REMEMBERED))
  })

  test('when a key was used last is written with the others, not with each call', async ({
    assert,
  }) => {
    const { key, keyText } = await newOrganisation()
    const lastUse = async () => {
      const row = await db.from('api_keys').where('id', key.id).firstOrFail()
      return row.last_used_at
    }
    await keyRing.holder(keyText, ASKED)
    await keyRing.holder(keyText, REMEMBERED)
    const before = await lastUse()

    await keyRing.flush()

    assert.isNull(before)
    assert.instanceOf(await lastUse(), Date)
  })
})
