/** What one process keeps open at a time; who comes after that is told to wait. */
export default {
  /** By an API key, by the link of one generation, or by one session of the console. */
  perHolder: 200,
  perOrganisation: 1000,
  /** In ms. Proxies end what is silent for a minute. */
  heartbeat: 15_000,
  /** A reader who lets more than these bytes pile up, and takes none of them in that many ms, is cut. */
  backlog: { bytes: 64 * 1024, ms: 5_000 },
  /** How often it is looked, in ms, whether those who listen still may. */
  lookAgain: 15_000,
}
