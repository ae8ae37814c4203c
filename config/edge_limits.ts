/**
 * What one caller may ask for at the edge, whatever it costs. Limits on generations are not
 * here: they are counted exactly, in the call that holds credits (`config/quota.ts`).
 */
export default {
  /** Calls that start no generation, by API key. */
  calls: { requests: 1200, seconds: 60 },
  /** New streams of events, by API key or by the link of one generation. */
  streams: { requests: 1200, seconds: 60 },
  /** New uploads, by API key. */
  uploads: { requests: 120, seconds: 60 },
  /** What vendors tell of their jobs, by address. */
  callbacks: { requests: 6000, seconds: 60 },
  /** Wrong API keys, by address. */
  wrongKeys: { requests: 300, seconds: 60 },
  /** Attempts to sign in, by address and e-mail. */
  signIns: { requests: 5, seconds: 60 },
} satisfies Record<string, { requests: number; seconds: number }>
