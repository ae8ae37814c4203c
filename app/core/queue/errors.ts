/** A payload that would not be stored. Keep what is large elsewhere, and its id in the payload. */
export class JobPayloadTooLarge extends Error {
  readonly code = 'E_JOB_PAYLOAD_TOO_LARGE'

  constructor(kind: string) {
    super(
      `A job of kind ${kind} has more than 8 kB of payload. Store what is large elsewhere, and give the job its id.`
    )
  }
}
