import db from '@adonisjs/lucid/services/db'

export interface GenerationToRun {
  model: string
  provider: string
  kind: string
  input: Record<string, unknown>
}

/** What a worker needs of a generation. The input is empty when its owner has deleted it meanwhile. */
export async function generationToRunQuery(
  accountId: string,
  generationId: string
): Promise<GenerationToRun> {
  const row = await db
    .from('generations')
    .select('model', 'provider', 'kind', 'input')
    .where({ account_id: accountId, id: generationId })
    .firstOrFail()
  return { ...row, input: row.input ?? {} }
}
