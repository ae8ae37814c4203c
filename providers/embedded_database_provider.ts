import { releaseEmbeddedDatabase } from '#start/embedded_database'

/** First in the list of providers, so that the database goes last. */
export default class EmbeddedDatabaseProvider {
  shutdown() {
    return releaseEmbeddedDatabase()
  }
}
