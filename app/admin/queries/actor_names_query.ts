import db from '@adonisjs/lucid/services/db'

/**
 * What people call who moved credits: a person's name, a key's name, or what of the system
 * it was. Somebody who is gone keeps the id.
 */
export async function actorNamesQuery(actors: string[]): Promise<Record<string, string>> {
  const [people, keys] = await Promise.all([
    db.from('users').select('id', 'full_name as name').whereIn('id', idsOf('user', actors)),
    db.from('api_keys').select('id', 'name').whereIn('id', idsOf('key', actors)),
  ])
  const known = new Map([
    ...people.map(({ id, name }): [string, string] => [`user:${id}`, name]),
    ...keys.map(({ id, name }): [string, string] => [`key:${id}`, `key “${name}”`]),
  ])
  return Object.fromEntries(
    actors.map((actor) => [actor, known.get(actor) ?? actor.replace(/^system:/, 'the system, ')])
  )
}

function idsOf(kind: string, actors: string[]): string[] {
  const prefix = `${kind}:`
  const ids = actors.filter((actor) => actor.startsWith(prefix))
  return [...new Set(ids)].map((actor) => actor.slice(prefix.length))
}
