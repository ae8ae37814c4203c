import type { Mutant } from './proof.js'

const HEAD = ['mutant', 'killed by', 'what is gone']

/** The table of `docs/proofs.md`, a row a mutant. */
export function mutantTable(mutants: Mutant[]): string[][] {
  return [
    HEAD,
    ...mutants.map(({ name, killedBy, why }) => [`\`${name}\``, `\`${killedBy}\``, why]),
  ]
}

export function markdownOf([head, ...rows]: string[][]): string {
  const line = (cells: string[]) => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}

/** The rows of the table with the same head in a text, however it is padded. */
export function tableIn(text: string): string[][] {
  const lines = text.split('\n').map((line) => line.split('|').map((cell) => cell.trim()))
  const rows = lines.map((cells) => cells.slice(1, -1))
  const first = rows.findIndex((cells) => cells.join() === HEAD.join())
  const after = rows.slice(first + 2).findIndex((cells) => cells.length === 0)
  return first < 0 ? [] : [HEAD, ...rows.slice(first + 2).slice(0, after < 0 ? undefined : after)]
}
