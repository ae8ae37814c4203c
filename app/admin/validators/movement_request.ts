import vine from '@vinejs/vine'
import { Credits } from '#core/ledger/credits'
import { positiveAmount, signedAmount } from '#app/admin/validators/amount'
import { messagesByField, messagesProvider } from '#app/admin/validators/messages'

const about = {
  reason: vine.string().trim().minLength(1).maxLength(500),
  reference: vine.string().trim().minLength(8).maxLength(100),
}
const refund = vine.create({ amount: vine.string().trim().use(positiveAmount()), ...about })
const correction = vine.create({ amount: vine.string().trim().use(signedAmount()), ...about })

export interface MovementForm {
  amount: Credits
  reason: string
  /** Made by the form: a second press of the button moves nothing more. */
  reference: string
}

type Read = { ok: true; form: MovementForm } | { ok: false; errors: Record<string, string> }

/** Reads the form of a refund, or answers with the message of each field that is not right. */
export function readRefundForm(body: Record<string, unknown>): Promise<Read> {
  return read(refund, body)
}

/** The same of a correction, whose amount has a sign. */
export function readCorrectionForm(body: Record<string, unknown>): Promise<Read> {
  return read(correction, body)
}

async function read(fields: typeof refund, body: Record<string, unknown>): Promise<Read> {
  const [error, form] = await fields.tryValidate(body, { messagesProvider })
  if (error) return { ok: false, errors: messagesByField(error) }
  return { ok: true, form: { ...form, amount: Credits.parse(form.amount) } }
}
