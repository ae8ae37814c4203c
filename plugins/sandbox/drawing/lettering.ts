/**
 * Letters of 5 by 7 dots, from space to tilde, five columns each, the lowest bit on top.
 * A machine may have no font at all, and then a drawn text would be a row of boxes.
 */
const DOTS = [
  '000000000000005f00000007000700147f147f14242a7f2a12231308646236495620500000070000',
  '001c2241000041221c002a1c7f1c2a08083e08080050300000080808080800606000002010080402',
  '3e5149453e00427f400042615149462141454b311814127f1027454545393c4a4949300171090503',
  '3649494936064949291e003636000000563600000814224100141414141400412214080201590906',
  '324979413e7e1111117e7f494949363e414141227f4141221c7f494949417f090909013e4149497a',
  '7f0808087f00417f41002040413f017f081422417f404040407f020c027f7f0408107f3e4141413e',
  '7f090909063e4151215e7f09192946464949493101017f01013f4040403f1f2040201f3f4038403f',
  '631408146307087008076151494543007f41410002040810200041417f0004020102044040404040',
  '000102040020545454787f484444383844444420384444487f3854545418087e0901020c5252523e',
  '7f0804047800447d40002040443d007f1028440000417f40007c041804787c080404783844444438',
  '7c14141408081414187c7c080404084854545420043f4440203c4040207c1c2040201c3c4030403c',
  '44281028440c5050503c4464544c44000836410000007f000000413608001008081008',
].join('')

/** Dots from one letter to the next, and from one line to the next. */
export const ADVANCE = 6
export const LEADING = 11
export const HEIGHT = 7

interface Place {
  x: number
  y: number
  /** Pixels a dot. */
  dot: number
}

/** One line of text as SVG, its top left corner at `x`, `y`. Letters the table lacks make it a text in the machine's font. */
export function lettering(line: string, place: Place, fill: string): string {
  const plain = withoutAccents(line)
  if (!isDotted(plain)) {
    const size = place.dot * 9
    const position = `x="${place.x}" y="${place.y + place.dot * HEIGHT}" font-size="${size}"`
    return `<text ${position} font-family="sans-serif" fill="${fill}">${escape(line)}</text>`
  }
  const path = [...plain].map((letter, index) => strokes(letter, index, place)).join('')
  return `<path fill="${fill}" d="${path}"/>`
}

/** Each column's dots as upright bars. */
function strokes(letter: string, index: number, { x, y, dot }: Place): string {
  const start = (letter.charCodeAt(0) - 32) * 10
  let path = ''
  for (let column = 0; column < 5; column++) {
    const bits = Number.parseInt(DOTS.slice(start + column * 2, start + column * 2 + 2), 16)
    const left = x + (index * ADVANCE + column) * dot
    for (let row = 0; row < HEIGHT; row++) {
      if (!(bits & (1 << row))) continue
      let end = row
      while (bits & (1 << (end + 1))) end++
      path += `M${left} ${y + row * dot}h${dot}v${(end - row + 1) * dot}h${-dot}z`
      row = end
    }
  }
  return path
}

/** Lines of at most `columns` letters; what does not fit in `lines` ends in dots. */
export function wrap(
  text: string,
  { columns, lines }: { columns: number; lines: number }
): string[] {
  const wrapped: string[] = []
  let line = ''
  for (const word of words(text, columns)) {
    const longer = line ? `${line} ${word}` : word
    if ([...longer].length <= columns) line = longer
    else {
      wrapped.push(line)
      line = word
    }
  }
  wrapped.push(line)
  if (wrapped.length <= lines) return wrapped
  const last = [...wrapped[lines - 1]].slice(0, columns - 3).join('')
  return [...wrapped.slice(0, lines - 1), `${last}...`]
}

/** Words, those longer than a line cut. Control characters are none, and XML forbids them. */
function words(text: string, columns: number): string[] {
  const readable = text.toWellFormed().replace(/[\p{Cc}\uFFFE\uFFFF]+/gu, ' ')
  return readable
    .split(/\s+/)
    .filter(Boolean)
    .flatMap((word) => {
      const letters = [...word]
      const pieces = Math.ceil(letters.length / columns)
      return Array.from({ length: pieces }, (_, piece) =>
        letters.slice(piece * columns, (piece + 1) * columns).join('')
      )
    })
}

/** Whether the table has every letter. Those it lacks are up to twice as wide. */
export function isDotted(text: string): boolean {
  return /^[ -~\s]*$/.test(withoutAccents(text))
}

function withoutAccents(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/[‘’]/g, "'")
    .replace(/[“”]/g, '"')
    .replace(/[–—]/g, '-')
}

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`)
}
