import Organisation from '#app/identity/models/organisation'

/** The organisation of this id, or the first live one there is. `null` when there is none. */
export function organisationQuery(id?: string): Promise<Organisation | null> {
  return id
    ? Organisation.find(id)
    : Organisation.query().whereNull('test_of').orderBy('created_at').first()
}
