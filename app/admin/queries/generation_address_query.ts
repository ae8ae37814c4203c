import db from '@adonisjs/lucid/services/db'

export interface GenerationAddress {
  accountId: string
  id: string
}

/** Whose generation this is, of all organisations. Its job's id finds it as well. */
export async function generationAddressQuery(text: string): Promise<GenerationAddress | null> {
  // A job and its generation share what follows the prefix.
  const id = text.replace(/^job_/, 'gen_')
  const row = await db.from('generations').select('account_id', 'id').where('id', id).first()
  return row && { accountId: row.account_id, id: row.id }
}
