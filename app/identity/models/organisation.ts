import { BaseModel, beforeCreate, column } from '@adonisjs/lucid/orm'
import { DateTime } from 'luxon'
import { newId } from '#core/ids'

/** Who pays. Its ledger account has the same id. */
export default class Organisation extends BaseModel {
  static selfAssignPrimaryKey = true

  @column({ isPrimary: true })
  declare id: string

  @column()
  declare name: string

  /** IANA name. Days and months of limits and resets are counted here. */
  @column()
  declare timezone: string

  /** The organisation whose test account this is; `null` for a live one. */
  @column()
  declare testOf: string | null

  @column.dateTime({ autoCreate: true })
  declare createdAt: DateTime

  @beforeCreate()
  static assignId(organisation: Organisation) {
    organisation.id ??= newId('org')
  }
}
