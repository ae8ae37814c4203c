import { DateTime } from 'luxon'
import ApiKey from '#app/identity/models/api_key'
import { openStreams } from '#app/identity/open_streams'

/** Ends a key at once and for good, with the streams it opened. `null` when there is none of that id or visible prefix. */
export async function revokeApiKey(idOrPrefix: string): Promise<ApiKey | null> {
  const key = await ApiKey.query().where('id', idOrPrefix).orWhere('prefix', idOrPrefix).first()
  if (key && !key.revokedAt) {
    await key.merge({ revokedAt: DateTime.now() }).save()
    openStreams.cut(`key:${key.id}`)
  }
  return key
}
