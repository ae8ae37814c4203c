import vine from '@vinejs/vine'
import { DateTime } from 'luxon'
import { Credits } from '#core/ledger/credits'
import { messagesByField, messagesProvider } from '#app/admin/validators/messages'

const amount = vine.createRule((value, _options, field) => {
  const problem = amountProblem(String(value))
  if (problem) field.report(problem, 'amount', field)
})

/** Of a grant by hand. More is a slip of the finger, or worth two grants. */
const LARGEST = Credits.parse('1000000000')

const fields = vine.create({
  amount: vine.string().trim().use(amount()),
  reason: vine.string().trim().minLength(1).maxLength(500),
  expires: vine
    .string()
    .regex(/^\d{4}-\d{2}-\d{2}$/)
    .nullable()
    .optional(),
  reference: vine.string().trim().minLength(8).maxLength(100),
})

export interface GrantForm {
  amount: Credits
  reason: string
  reference: string
  /** The end of the chosen day, where the organisation is. */
  expiresAt?: Date
}

/** Reads the grant form, or answers with the message of each field that is not right. */
export async function readGrantForm(
  body: Record<string, unknown>,
  timezone: string,
  now = new Date()
): Promise<{ ok: true; form: GrantForm } | { ok: false; errors: Record<string, string> }> {
  const [error, read] = await fields.tryValidate(body, { messagesProvider })
  if (error) return { ok: false, errors: messagesByField(error) }
  const expiresAt = read.expires ? endOfDay(read.expires, timezone) : undefined
  if (expiresAt && !(expiresAt > now)) {
    return { ok: false, errors: { expires: 'Choose a day that is not over yet.' } }
  }
  const { reason, reference } = read
  return { ok: true, form: { amount: Credits.parse(read.amount), reason, reference, expiresAt } }
}

function amountProblem(text: string): string | null {
  try {
    const { micro } = Credits.parse(text)
    if (micro <= 0n) return 'Write an amount above zero.'
    return micro > LARGEST.micro ? 'At most a thousand million credits at once.' : null
  } catch (error) {
    return (error as Error).message
  }
}

function endOfDay(day: string, zone: string): Date {
  return DateTime.fromISO(day, { zone }).plus({ days: 1 }).startOf('day').toJSDate()
}
