/** Something that is not as it was written, signed or promised. */
export interface Finding {
  /** `null` when it is about a root. */
  accountId: string | null
  /** The entry it is about, where it is about one. */
  seq: bigint | null
  /** The root it is about, or that gave it away. */
  root: number | null
  /** What does not hold. */
  rule: string
  /** What was expected, and what is there. */
  detail: string
}

export function sentenceOf({ accountId, seq, root, rule, detail }: Finding): string {
  const subject = accountId ?? `root ${root}`
  return `${subject}${seq === null ? '' : `, entry ${seq}`}: ${rule} (${detail})`
}
