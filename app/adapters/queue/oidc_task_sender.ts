import { createRemoteJWKSet, errors, jwtVerify, type JWTPayload } from 'jose'
import { TaskSender, type SenderDoubt, type SenderVerdict } from '#core/queue/task_sender'

export interface OidcSettings {
  issuer: string
  jwksUrl: string
  audience: string
  /** The service account in whose name tasks are sent. */
  serviceAccount: string
}

/** How far the signer's clock and ours may be apart. */
const CLOCK_TOLERANCE_S = 30
/** How soon the keys are asked for again because a token names one that we do not have. */
const COOLDOWN_MS = 10_000
const PATIENCE_MS = 5_000

/** What of a token is its sender's fault; all else is that the keys cannot be had. */
const FORGED = [
  errors.JWTInvalid,
  errors.JWSInvalid,
  errors.JWSSignatureVerificationFailed,
  errors.JOSEAlgNotAllowed,
  errors.JOSENotSupported,
  errors.JWKSNoMatchingKey,
]

/** OpenID Connect tokens, as Google signs them for each push of a task. */
export class OidcTaskSender extends TaskSender {
  readonly #keys: ReturnType<typeof createRemoteJWKSet>

  constructor(private readonly settings: OidcSettings) {
    super()
    this.#keys = createRemoteJWKSet(new URL(settings.jwksUrl), {
      cooldownDuration: COOLDOWN_MS,
      timeoutDuration: PATIENCE_MS,
    })
  }

  async verify(token: string | null): Promise<SenderVerdict> {
    if (!token) return { ok: false, doubt: 'missing' }
    try {
      const { payload } = await jwtVerify(token, this.#keys, {
        issuer: this.settings.issuer,
        audience: this.settings.audience,
        // Never HS256: a public key would pass for its secret.
        algorithms: ['RS256', 'ES256'],
        requiredClaims: ['exp', 'iat'],
        clockTolerance: CLOCK_TOLERANCE_S,
      })
      return this.#isOurs(payload) ? { ok: true } : { ok: false, doubt: 'stranger' }
    } catch (error) {
      return { ok: false, doubt: doubtOf(error) }
    }
  }

  #isOurs({ email, email_verified: isVerified }: JWTPayload): boolean {
    return email === this.settings.serviceAccount && isVerified === true
  }
}

function doubtOf(error: unknown): SenderDoubt {
  if (error instanceof errors.JWTExpired) return 'expired'
  if (error instanceof errors.JWTClaimValidationFailed) {
    return error.claim === 'aud' ? 'misdirected' : 'forged'
  }
  return FORGED.some((kind) => error instanceof kind) ? 'forged' : 'unverifiable'
}
