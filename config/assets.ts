import env from '#start/env'

const MEGABYTE = 1024 * 1024
const MINUTE = 60_000

/** What files this platform keeps, and how they come in and go out. */
export default {
  /** What an upload or a fetched reference may be. The bytes decide, not the name. */
  accepted: {
    contentTypes: [
      'image/png',
      'image/jpeg',
      'image/webp',
      'image/avif',
      'image/gif',
      'video/mp4',
      'video/webm',
    ],
    maxBytes: 25 * MEGABYTE,
    /** Of all frames together: a small file can unpack to more than a machine has memory. */
    maxPixels: 100_000_000,
  },

  /** How long a presigned upload waits for its bytes. */
  uploadLifetimeMs: 15 * MINUTE,

  /** Signed URLs. */
  urls: {
    secret: env.get('APP_KEY').release(),
    lifetimeMs: 60 * MINUTE,
    /** Expiry is rounded up to a multiple of this, so that the URL stays the same that long and caches hit. */
    roundingMs: 15 * MINUTE,
  },

  /** References given as URLs. */
  fetching: {
    /** Which protocols, each at its one port. Add `'http:': 80` to fetch without encryption. */
    ports: { 'https:': 443 } as Record<string, number>,
    maxRedirects: 3,
    connectTimeoutMs: 5_000,
    /** From the first look-up of a name to the last byte, redirects included. */
    totalTimeoutMs: 20_000,
  },
}
