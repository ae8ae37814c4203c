const SECOND = 1_000
const MINUTE = 60 * SECOND
const DAY = 24 * 60 * MINUTE

/** How batches are fed. Times in milliseconds. */
export default {
  /** Items of one batch. */
  largest: 10_000,
  largestBody: '8mb',
  /** Batches of one organisation that have not ended. */
  openPerOrganisation: 100,
  /** Generations of one batch at once. The rest of it waits outside the queue. */
  inFlight: 50,
  /** How long a batch may take, where it does not say and at most. */
  deadline: { standard: DAY, longest: 7 * DAY },
  /** How soon to look again at a batch at work, and how seldom while nothing of it changes. */
  look: { soonest: SECOND, latest: 15 * SECOND },
  /** How often to try again what waits for credits, where no grant comes. */
  resume: 5 * MINUTE,
}
