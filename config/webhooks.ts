import env from '#start/env'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** How this platform tells others what happened. Times in milliseconds. */
export default {
  /** Whether a webhook may go to an address that is not of the open internet, and without encryption. */
  allowPrivate: env.get('WEBHOOKS_ALLOW_PRIVATE') ?? false,

  /** How long to wait after each try that failed. The first is made at once. */
  retryAfter: [
    5 * SECOND,
    5 * MINUTE,
    30 * MINUTE,
    2 * HOUR,
    5 * HOUR,
    10 * HOUR,
    10 * HOUR,
  ] as readonly number[],
  connectTimeout: 5 * SECOND,
  /** From the first look-up of a name to the head of the answer. */
  timeout: 15 * SECOND,
  /** Of an answer, in bytes: what is read at most, and what of it is kept. */
  answer: { read: 64 * 1024, kept: 1024 },

  endpointsPerOrganisation: 20,
  /** An endpoint that took nothing for so long is disabled. */
  disableAfter: 5 * DAY,
  /** How long the secret before still signs after a rotation, where nothing is said, and at most. */
  rotation: { overlap: DAY, longest: 7 * DAY },
  /** How long signed URLs in a body live. */
  fileUrls: 72 * HOUR,
  /** How long deliveries are kept, and can be replayed. */
  kept: 30 * DAY,
}
