import type { ErrorClass } from './types.js'

export interface ErrorPolicy {
  /** How many tries there are at most at the same provider, the first included. */
  tries: number
  /** Waiting is nobody's fault: the try costs no attempt. */
  free?: true
  /** Whether another provider may be asked, where the caller has named one. */
  failOver: boolean
  /**
   * What becomes of the hold once there is no further try. `released`: it goes back. `delivered`:
   * what came is charged, the rest goes back. Else it goes back unless the model says in that field
   * of `billedOn` that its user pays.
   */
  hold: 'released' | 'delivered' | { declaredIn: 'block' | 'failure' | 'cancel' }
  /**
   * What is booked as a loss of the platform, where the work was submitted: the vendor bills it,
   * whether it says so or not.
   */
  loss?: 'asset_lost' | 'unknown'
  /**
   * What it says of its provider. `works`: it has answered. `fails`: too many of them, and it is
   * left alone. `opens`: it is left alone at once, until its operator has looked. `silent`: nothing,
   * it may have come about without the provider.
   */
  health: 'works' | 'fails' | 'opens' | 'silent'
}

const NEVER = 1
const ONCE_MORE = 2
const UNTIL_DEADLINE = Number.POSITIVE_INFINITY

/** What each class of error means for tries and for money. There is no second place that says it. */
export const ERROR_POLICIES: Record<ErrorClass, ErrorPolicy> = {
  /** The same input would be refused again, wherever it is sent. */
  invalid_input: { tries: NEVER, failOver: false, hold: 'released', health: 'works' },
  blocked_input: { tries: NEVER, failOver: false, hold: 'released', health: 'works' },
  /** Made, then withheld. */
  blocked_output: { tries: NEVER, failOver: false, hold: { declaredIn: 'block' }, health: 'works' },
  rate_limited: {
    tries: UNTIL_DEADLINE,
    free: true,
    failOver: true,
    hold: 'released',
    health: 'works',
  },
  /** All places of the account are taken: it waits for one. */
  concurrency_full: {
    tries: UNTIL_DEADLINE,
    free: true,
    failOver: true,
    hold: 'released',
    health: 'works',
  },
  quota_daily: { tries: NEVER, failOver: true, hold: 'released', health: 'works' },
  /** Ours, not the user's. */
  provider_balance: {
    tries: NEVER,
    failOver: true,
    hold: 'released',
    health: 'opens',
  },
  provider_auth: {
    tries: NEVER,
    failOver: true,
    hold: 'released',
    health: 'opens',
  },
  /** To a replacement only if the caller has named it. */
  model_retired: { tries: NEVER, failOver: true, hold: 'released', health: 'works' },
  transient_before_accept: { tries: 4, failOver: true, hold: 'released', health: 'fails' },
  /** The work goes on meanwhile, so it is asked again with its handle. */
  transient_on_poll: {
    tries: UNTIL_DEADLINE,
    free: true,
    failOver: false,
    hold: 'released',
    health: 'fails',
  },
  /** Tried again only where `execution.resubmit` says how. */
  outcome_unknown: {
    tries: NEVER,
    failOver: false,
    hold: 'released',
    loss: 'unknown',
    health: 'fails',
  },
  provider_failed: {
    tries: ONCE_MORE,
    failOver: true,
    hold: { declaredIn: 'failure' },
    health: 'works',
  },
  no_output: { tries: ONCE_MORE, failOver: true, hold: { declaredIn: 'failure' }, health: 'works' },
  /** Fewer outputs than were asked for: a delivery, of which each output is paid. */
  partial: { tries: NEVER, failOver: false, hold: 'delivered', health: 'works' },
  /** Only its download is tried again, as long as its link lives. */
  asset_lost: {
    tries: NEVER,
    failOver: false,
    hold: 'released',
    loss: 'asset_lost',
    health: 'silent',
  },
  canceled: { tries: NEVER, failOver: false, hold: { declaredIn: 'cancel' }, health: 'silent' },
  deadline: { tries: NEVER, failOver: false, hold: 'released', health: 'silent' },
  /** The worker died or went silent in each of its tries: what it asks for is taken to be the reason. */
  worker_lost: {
    tries: NEVER,
    failOver: false,
    hold: 'released',
    loss: 'unknown',
    health: 'silent',
  },
  /** A defect of ours or of a plugin. */
  internal: { tries: ONCE_MORE, failOver: false, hold: 'released', health: 'silent' },
}
