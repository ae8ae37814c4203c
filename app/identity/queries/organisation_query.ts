import Organisation from '#app/identity/models/organisation'

/** The organisation of this id, or the first one there is. `null` when there is none. */
export function organisationQuery(id?: string): Promise<Organisation | null> {
  return id ? Organisation.find(id) : Organisation.query().orderBy('created_at').first()
}
