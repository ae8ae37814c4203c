import { createHash, randomFillSync } from 'node:crypto'

/** What an id names, readable at its front. */
export type IdPrefix =
  | 'gen'
  | 'job'
  | 'ast'
  | 'org'
  | 'tst'
  | 'usr'
  | 'key'
  | 'gra'
  | 'ref'
  | 'evt'
  | 'ntc'
  | 'quo'
  | 'bok'
  | 'hld'
  | 'trf'
  | 'whe'
  | 'whd'
  | 'bat'

/** Crockford's alphabet: no letter that looks like a digit, in the order of ASCII. */
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz'

const LETTERS_OF_CHANCE = 13

let lastTime = 0
let counter = 0

/** Drawn for many ids at once: asking for chance takes longer than making the id. */
const chances = Buffer.alloc(LETTERS_OF_CHANCE * 256)
let drawn = chances.length

/**
 * A new id such as `gen_01k9…`: 10 letters of milliseconds, 3 of a counter within the
 * millisecond, 13 of chance. Ids of one process sort in the order they were made, those
 * of several by time.
 */
export function newId<Prefix extends IdPrefix>(prefix: Prefix): `${Prefix}_${string}` {
  return `${prefix}_${suffix()}`
}

/**
 * The id of whatever has these words at this time: the same in every process, and as
 * sortable by time as others are.
 */
export function derivedId<Prefix extends IdPrefix>(
  prefix: Prefix,
  at: Date,
  words: (string | null)[]
): `${Prefix}_${string}` {
  const digest = createHash('sha256').update(JSON.stringify(words)).digest()
  const letters = Array.from(digest.subarray(0, 16), (byte) => ALPHABET[byte & 31]).join('')
  return `${prefix}_${encode(at.getTime(), 10)}${letters}`
}

function suffix(): string {
  const now = Math.max(Date.now(), lastTime)
  counter = now === lastTime ? counter + 1 : 0
  lastTime = counter < 32 ** 3 ? now : now + 1
  if (lastTime !== now) counter = 0
  return encode(lastTime, 10) + encode(counter, 3) + chance()
}

function chance(): string {
  if (drawn === chances.length) {
    randomFillSync(chances)
    drawn = 0
  }
  const end = drawn + LETTERS_OF_CHANCE
  let text = ''
  while (drawn < end) text += ALPHABET[chances[drawn++] & 31]
  return text
}

function encode(value: number, length: number): string {
  let text = ''
  for (let rest = value; text.length < length; rest = Math.floor(rest / 32)) {
    text = ALPHABET[rest % 32] + text
  }
  return text
}
