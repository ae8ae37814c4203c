import db from '@adonisjs/lucid/services/db'

interface Listener {
  holder: string
  /** Behind a link. */
  keyId?: string
  userId?: string
}

/** Which of those who listen still may: their key is not revoked, the person still an operator. */
export async function welcomeHoldersQuery(
  listeners: Listener[]
): Promise<(listener: Listener) => boolean> {
  const keys = listeners.map((one) => keyOf(one)).filter((id) => id !== null)
  const users = listeners.map(({ userId }) => userId).filter((id) => id !== undefined)
  const { rows } = await db.rawQuery(
    `select id from api_keys where id = any (?) and revoked_at is null
     union all select id from users where id = any (?) and is_operator`,
    [[...new Set(keys)], [...new Set(users)]]
  )
  const welcome = new Set(rows.map(({ id }: { id: string }) => id))
  const asked = new Set([...keys, ...users])
  return (listener) => {
    const id = keyOf(listener) ?? listener.userId
    // Who came while the database was asked is judged the next time.
    return !id || !asked.has(id) || welcome.has(id)
  }
}

function keyOf({ holder, keyId }: Listener): string | null {
  return holder.startsWith('key:') ? holder.slice('key:'.length) : (keyId ?? null)
}
