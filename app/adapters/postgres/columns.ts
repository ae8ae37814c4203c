/** A column for each property, which all of the rows have: as composite types of arrays take them. */
export function columnsOf<Row extends object>(rows: Row[]): Record<string, unknown[]> {
  const columns: Record<string, unknown[]> = {}
  for (const name of Object.keys(rows[0])) {
    columns[name] = rows.map((row) => row[name as keyof Row] ?? null)
  }
  return columns
}
