import vine from '@vinejs/vine'

/** What the form of the plan sends. "none" leaves the plan there is. */
export const planRequest = vine.create({
  plan: vine
    .string()
    .regex(/^[a-z][a-z0-9-]*$/)
    .maxLength(100),
  begins: vine.enum(['next', 'now']),
  plan_reason: vine.string().trim().minLength(1).maxLength(500),
  plan_reference: vine.string().trim().minLength(8).maxLength(100),
})
