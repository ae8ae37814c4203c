import vine from '@vinejs/vine'
import { Credits } from '#core/ledger/credits'

/** Of a movement by hand. More is a slip of the finger, or worth two movements. */
const LARGEST = Credits.parse('1000000000')

/** A decimal of credits above zero. */
export const positiveAmount = vine.createRule((value, _options, field) => {
  const problem = problemOf(String(value), (micro) => micro > 0n, 'Write an amount above zero.')
  if (problem) field.report(problem, 'amount', field)
})

/** A decimal of credits, up or down. */
export const signedAmount = vine.createRule((value, _options, field) => {
  const says = 'Write an amount such as 5 to add, or -5 to take.'
  const problem = problemOf(String(value), (micro) => micro !== 0n, says)
  if (problem) field.report(problem, 'amount', field)
})

function problemOf(text: string, fits: (micro: bigint) => boolean, says: string): string | null {
  try {
    const { micro } = Credits.parse(text)
    if (!fits(micro)) return says
    const size = micro < 0n ? -micro : micro
    return size > LARGEST.micro ? 'At most a thousand million credits at once.' : null
  } catch (error) {
    return (error as Error).message
  }
}
