import { randomBytes } from 'node:crypto'

/** What an id names, readable at its front. */
export type IdPrefix = 'gen' | 'job' | 'ast' | 'org' | 'tst' | 'usr' | 'key' | 'gra' | 'ref' | 'evt'

/** Crockford's alphabet: no letter that looks like a digit, in the order of ASCII. */
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz'

let lastTime = 0
let counter = 0

/**
 * A new id such as `gen_01k9…`: 10 letters of milliseconds, 3 of a counter within the
 * millisecond, 13 of chance. Ids of one process sort in the order they were made, those
 * of several by time.
 */
export function newId<Prefix extends IdPrefix>(prefix: Prefix): `${Prefix}_${string}` {
  return `${prefix}_${suffix()}`
}

function suffix(): string {
  const now = Math.max(Date.now(), lastTime)
  counter = now === lastTime ? counter + 1 : 0
  lastTime = counter < 32 ** 3 ? now : now + 1
  if (lastTime !== now) counter = 0
  const chance = Array.from(randomBytes(13), (byte) => ALPHABET[byte & 31]).join('')
  return encode(lastTime, 10) + encode(counter, 3) + chance
}

function encode(value: number, length: number): string {
  let text = ''
  for (let rest = value; text.length < length; rest = Math.floor(rest / 32)) {
    text = ALPHABET[rest % 32] + text
  }
  return text
}
