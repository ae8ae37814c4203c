/** Why a word of a task is not believed. */
export type SenderDoubt =
  /** No tasks are pushed to this installation. */
  | 'unexpected'
  | 'missing'
  | 'expired'
  /** Not signed by whom we trust, or no token at all. */
  | 'forged'
  /** Signed by whom we trust, but for another address than ours. */
  | 'misdirected'
  /** Signed by whom we trust, for our address, but sent by somebody else. */
  | 'stranger'
  /** The signer's keys cannot be had now, so nobody knows. */
  | 'unverifiable'

export type SenderVerdict = { ok: true } | { ok: false; doubt: SenderDoubt }

/** Tells the service that pushes tasks to this installation from everybody else. */
export abstract class TaskSender {
  /** Whether the one who sent this bearer token is the one. Never throws for what the token holds. */
  abstract verify(token: string | null): Promise<SenderVerdict>
}

/** Where work is pulled nobody pushes. */
export class NoTaskSender extends TaskSender {
  async verify(): Promise<SenderVerdict> {
    return { ok: false, doubt: 'unexpected' }
  }
}
