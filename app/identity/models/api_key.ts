import { BaseModel, beforeCreate, belongsTo, column } from '@adonisjs/lucid/orm'
import type { BelongsTo } from '@adonisjs/lucid/types/relations'
import { DateTime } from 'luxon'
import { newId } from '#core/ids'
import type { Scope } from '#app/identity/caller'
import Organisation from './organisation.js'

/** The right of a program to act for an organisation. The key itself is not kept. */
export default class ApiKey extends BaseModel {
  static selfAssignPrimaryKey = true

  @column({ isPrimary: true })
  declare id: string

  @column()
  declare orgId: string

  @column()
  declare name: string

  @column()
  declare prefix: string

  @column({ serializeAs: null })
  declare hash: Buffer

  @column()
  declare mode: 'live' | 'test'

  @column()
  declare scopes: Scope[]

  @column()
  declare createdBy: string | null

  @column.dateTime({ autoCreate: true })
  declare createdAt: DateTime

  @column.dateTime()
  declare lastUsedAt: DateTime | null

  @column.dateTime()
  declare revokedAt: DateTime | null

  @belongsTo(() => Organisation, { foreignKey: 'orgId' })
  declare organisation: BelongsTo<typeof Organisation>

  @beforeCreate()
  static assignId(key: ApiKey) {
    key.id ??= newId('key')
  }
}
