import type { ErrorClass } from './types.js'

export interface ErrorPolicy {
  /** How many tries there are at most at the same provider, the first included. */
  tries: number
  /** Waiting is nobody's fault: the try costs no attempt. */
  free?: true
  /** Whether another provider may be asked, where the caller has named one. */
  failOver: boolean
  /**
   * What becomes of the hold once there is no further try. `declared`: it goes back, unless the
   * model says in `billedOn` that its user pays. `delivered`: what came is charged, the rest goes back.
   */
  hold: 'released' | 'declared' | 'delivered'
  /** Whether the vendor bills us, where it says nothing of it: what it bills is booked as a loss. */
  vendorBills: boolean
  /** Nothing else will come of this provider, until its operator has looked. */
  opensCircuit?: true
}

const NEVER = 1
const ONCE_MORE = 2
const UNTIL_DEADLINE = Number.POSITIVE_INFINITY

/** What each class of error means for tries and for money. There is no second place that says it. */
export const ERROR_POLICIES: Record<ErrorClass, ErrorPolicy> = {
  /** The same input would be refused again, wherever it is sent. */
  invalid_input: { tries: NEVER, failOver: false, hold: 'released', vendorBills: false },
  blocked_input: { tries: NEVER, failOver: false, hold: 'released', vendorBills: false },
  /** Made, then withheld. */
  blocked_output: { tries: NEVER, failOver: false, hold: 'declared', vendorBills: false },
  rate_limited: {
    tries: UNTIL_DEADLINE,
    free: true,
    failOver: true,
    hold: 'released',
    vendorBills: false,
  },
  /** All places of the account are taken: it waits for one. */
  concurrency_full: {
    tries: UNTIL_DEADLINE,
    free: true,
    failOver: true,
    hold: 'released',
    vendorBills: false,
  },
  quota_daily: { tries: NEVER, failOver: true, hold: 'released', vendorBills: false },
  /** Ours, not the user's. */
  provider_balance: {
    tries: NEVER,
    failOver: true,
    hold: 'released',
    vendorBills: false,
    opensCircuit: true,
  },
  provider_auth: {
    tries: NEVER,
    failOver: true,
    hold: 'released',
    vendorBills: false,
    opensCircuit: true,
  },
  /** To a replacement only if the caller has named it. */
  model_retired: { tries: NEVER, failOver: true, hold: 'released', vendorBills: false },
  transient_before_accept: { tries: 4, failOver: true, hold: 'released', vendorBills: false },
  /** The work goes on meanwhile, so it is asked again with its handle. */
  transient_on_poll: {
    tries: UNTIL_DEADLINE,
    free: true,
    failOver: false,
    hold: 'released',
    vendorBills: false,
  },
  /** Tried again only where `execution.resubmit` says how. */
  outcome_unknown: { tries: NEVER, failOver: false, hold: 'released', vendorBills: true },
  provider_failed: { tries: ONCE_MORE, failOver: true, hold: 'declared', vendorBills: false },
  no_output: { tries: ONCE_MORE, failOver: true, hold: 'declared', vendorBills: false },
  /** Fewer outputs than were asked for: a delivery, of which each output is paid. */
  partial: { tries: NEVER, failOver: false, hold: 'delivered', vendorBills: true },
  /** Only its download is tried again, as long as its link lives. */
  asset_lost: { tries: NEVER, failOver: false, hold: 'released', vendorBills: true },
  canceled: { tries: NEVER, failOver: false, hold: 'declared', vendorBills: false },
  deadline: { tries: NEVER, failOver: false, hold: 'released', vendorBills: false },
  /** The worker died or went silent in each of its tries: what it asks for is taken to be the reason. */
  worker_lost: { tries: NEVER, failOver: false, hold: 'released', vendorBills: true },
  /** A defect of ours or of a plugin. */
  internal: { tries: ONCE_MORE, failOver: false, hold: 'released', vendorBills: false },
}
