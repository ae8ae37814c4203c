export interface Table {
  columns: string[]
  rows: (string | number)[][]
}

/** As Markdown, aligned for the terminal as well. */
export function tableText({ columns, rows }: Table): string {
  const lines = [columns, ...rows.map((row) => row.map(cell))]
  const widths = columns.map((_, n) => Math.max(...lines.map((line) => line[n].length)))
  const text = (line: string[]) =>
    `| ${line.map((one, n) => one.padStart(widths[n])).join(' | ')} |`
  const rule = `| ${widths.map((width) => `${'-'.repeat(width - 1)}:`).join(' | ')} |`
  return [text(lines[0]), rule, ...lines.slice(1).map(text)].join('\n')
}

/** Three digits that count, and no fraction of what is large. */
function cell(value: string | number): string {
  if (typeof value === 'string') return value
  if (Number.isInteger(value) || Math.abs(value) >= 1000) return Math.round(value).toString()
  return Number(value.toPrecision(3)).toString()
}
