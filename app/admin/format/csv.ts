/** A line of a CSV file (RFC 4180). */
export function csvLine(cells: unknown[]): string {
  return `${cells.map(cellText).join(',')}\r\n`
}

function cellText(value: unknown): string {
  const text = value === null || value === undefined ? '' : String(value)
  // A spreadsheet takes such a beginning for a formula and runs it.
  const harmless = /^[=+\-@\t\r]/.test(text) && Number.isNaN(Number(text)) ? `'${text}` : text
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless
}
