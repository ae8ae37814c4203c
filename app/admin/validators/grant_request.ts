import vine from '@vinejs/vine'
import { DateTime } from 'luxon'
import { Credits } from '#core/ledger/credits'
import { positiveAmount } from '#app/admin/validators/amount'
import { messagesByField, messagesProvider } from '#app/admin/validators/messages'
import { HAND_KINDS } from '#app/billing/actions/grant_credits'

const HIGHEST_PRIORITY = 100

const fields = vine.create({
  amount: vine.string().trim().use(positiveAmount()),
  reason: vine.string().trim().minLength(1).maxLength(500),
  expires: vine
    .string()
    .regex(/^\d{4}-\d{2}-\d{2}$/)
    .nullable()
    .optional(),
  kind: vine.enum(HAND_KINDS).nullable().optional(),
  priority: vine.number().withoutDecimals().range([0, HIGHEST_PRIORITY]).nullable().optional(),
  only: vine.string().trim().maxLength(500).nullable().optional(),
  reference: vine.string().trim().minLength(8).maxLength(100),
})

export interface GrantForm {
  amount: Credits
  reason: string
  reference: string
  kind?: (typeof HAND_KINDS)[number]
  priority?: number
  /** Names of models and kinds, as they were typed. */
  only: string[]
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
  return {
    ok: true,
    form: {
      amount: Credits.parse(read.amount),
      reason,
      reference,
      kind: read.kind ?? undefined,
      priority: read.priority ?? undefined,
      only: (read.only ?? '').split(/[\s,]+/).filter(Boolean),
      expiresAt,
    },
  }
}

function endOfDay(day: string, zone: string): Date {
  return DateTime.fromISO(day, { zone }).plus({ days: 1 }).startOf('day').toJSDate()
}
