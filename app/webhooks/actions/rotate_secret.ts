import settings from '#config/webhooks'
import { endpointQuery } from '#app/webhooks/queries/endpoint_query'
import { ORGANISATION, replaceSecret } from '#app/webhooks/secret_store'

interface Rotation {
  accountId: string
  /** Without one, the organisation's own secret. */
  endpointId?: string
  /** How long the secret before signs as well. */
  overlapMs?: number
}

export interface RotatedSecret {
  /** Never to be had again. */
  secret: string
  previousUntil: Date
}

/** Another secret; for a while both sign. `null` when there is no such endpoint. */
export async function rotateSecret(rotation: Rotation): Promise<RotatedSecret | null> {
  const { accountId, endpointId, overlapMs = settings.rotation.overlap } = rotation
  if (endpointId && !(await endpointQuery(accountId, endpointId))) return null
  const previousUntil = new Date(Date.now() + overlapMs)
  const owner = endpointId ?? ORGANISATION
  return { secret: await replaceSecret({ accountId, owner }, previousUntil), previousUntil }
}
