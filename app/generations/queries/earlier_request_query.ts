import db from '@adonisjs/lucid/services/db'

/** What an idempotency key was used for, or `null`. A revoked key learns nothing. */
export async function earlierRequestQuery(request: {
  accountId: string
  key: string
  keyId: string | null
}): Promise<{ generationId: string; requestHash: string } | null> {
  const { rows } = await db.rawQuery(
    `select generation_id, request_hash from idempotency_keys
     where account_id = :accountId and key = :key and (:keyId::text is null or exists (
       select 1 from api_keys where id = :keyId and revoked_at is null))`,
    request
  )
  return rows[0] ? { generationId: rows[0].generation_id, requestHash: rows[0].request_hash } : null
}
