/** What a rule of requests in a window has left, once a call was counted or refused. */
export interface RateRoom {
  /** `key_requests_per_minute` */
  rule: string
  limit: bigint
  left: bigint
  /** How long such a window is. */
  windowSeconds: number
  /** How long the one that is open has left. */
  clearsInSeconds: number
}
