import vine from '@vinejs/vine'
import { SCOPES } from '#app/identity/caller'

export const apiKeyRequest = vine.create({
  name: vine.string().trim().minLength(1).maxLength(120),
  organisation: vine.string().regex(/^org_[a-z0-9]+$/),
  mode: vine.enum(['live', 'test']),
  scopes: vine.array(vine.enum(SCOPES)).minLength(1).distinct(),
})
