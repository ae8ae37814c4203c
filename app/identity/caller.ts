import type { Actor } from '#core/ledger/types'

/** What an API key may do. */
export const SCOPES = ['generate', 'read', 'admin'] as const
export type Scope = (typeof SCOPES)[number]

/** Who is behind a request, and who pays for it. */
export interface Caller {
  orgId: string
  keyId: string | null
  userId: string | null
  scopes: readonly Scope[]
  mode: 'live' | 'test'
  actor: Actor
}

declare module '@adonisjs/core/http' {
  interface HttpContext {
    /** Set by the key middleware on every route under `/v1`. */
    caller: Caller
  }
}
