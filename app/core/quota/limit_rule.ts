/** Whom a limit counts for. */
export type LimitScope =
  'org' | 'user' | 'key' | 'end_user' | 'provider' | 'model' | 'batch' | 'platform'

/** What a limit counts. `credits` is in micro-credits, `seconds` and the others in whole units. */
export type LimitMeasure = 'requests' | 'credits' | 'tokens' | 'images' | 'seconds' | 'concurrency'

export type LimitWindow = 'minute' | 'hour' | 'day' | 'month' | 'total'

/**
 * One limit. Several may count the same call at once; all must have room.
 * Windows are instants, opened in the organisation's time zone.
 */
export interface LimitRule {
  scope: LimitScope
  measure: LimitMeasure
  window: LimitWindow
  limit: bigint
  /** `refuse` answers 429 or 402; `queue` and `observe` come with the limits of members and providers. */
  onExceed: 'refuse'
}

export interface LimitState extends LimitRule {
  scopeId: string
  used: bigint
  held: bigint
  windowStart: Date
  /** `null` for a window without end. */
  windowEnd: Date | null
}
