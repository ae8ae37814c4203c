import vine from '@vinejs/vine'
import { isSharedTimezone } from '#core/prices/zoned_time'

const timezone = vine.createRule((value, _options, field) => {
  if (typeof value === 'string' && !isSharedTimezone(value)) {
    field.report('Write a time zone such as Europe/Berlin or UTC.', 'timezone', field)
  }
})

export const organisationRequest = vine.create({
  name: vine.string().trim().minLength(1).maxLength(120),
  timezone: vine.string().trim().use(timezone()),
})
