import type { Credits } from '#core/ledger/credits'

/** What came of one generation that was to succeed, as far as it has to fit together. */
export interface Outcome {
  status: string
  error: { class: string; message: string } | null
  quoted: Credits
  held: Credits
  holdState: string
  charged: Credits
  /** The price of all its attempts together. */
  metered: Credits
  returned: Credits
  requested: number
  delivered: number
  losses: string[]
  /** Why the vendor's own figure was not believed. */
  doubt: string | null
  isFree: boolean
  files: DeliveredFile[]
}

export interface DeliveredFile {
  contentType: string
  isDeclared: boolean
  /** In bytes: as it was told, and as it lies in the store. */
  bytes: number
  stored: number | null
  /** Whether the fake has made it; `null` where there is none to ask. */
  isOfVendor: boolean | null
}

/** All that does not fit, each as a sentence. */
export function mismatches(outcome: Outcome): string[] {
  const { status, error, quoted, held, charged, files } = outcome
  if (status !== 'succeeded') {
    return [`It ${status}${error ? ` (${error.class}): ${error.message}` : '.'}`]
  }
  const found: string[] = []
  const check = (isRight: boolean, sentence: string) => void (isRight || found.push(sentence))
  check(held.micro === quoted.micro, `${quoted} was promised and ${held} was held.`)
  check(outcome.holdState === 'settled', `Its hold is ${outcome.holdState}, not settled.`)
  check(charged.micro <= held.micro, `${charged} was charged of ${held} held.`)
  check(
    charged.plus(outcome.returned).micro === held.micro,
    `${charged} charged and ${outcome.returned} returned are not the ${held} held.`
  )
  check(charged.micro === outcome.metered.micro, `Its attempts cost ${outcome.metered}.`)
  check(charged.micro > 0n || outcome.isFree, 'Nothing was charged for a model that is not free.')
  check(
    outcome.delivered === outcome.requested && files.length === outcome.requested,
    `${outcome.delivered} of ${outcome.requested} outputs were delivered, with ${files.length} files.`
  )
  for (const kind of outcome.losses) check(false, `A loss was booked: ${kind}.`)
  check(outcome.doubt === null, `The cost that it reported was not believed: ${outcome.doubt}.`)
  for (const [n, file] of files.entries()) {
    const name = `Output ${n + 1}`
    check(file.isDeclared, `${name} is ${file.contentType}, which the model does not declare.`)
    check(file.bytes > 0 && file.stored === file.bytes, `${name} is not in the store as told.`)
    check(file.isOfVendor !== false, `${name} was never made by its vendor.`)
  }
  return found
}
