/** What an endpoint can be told of, and when. */
export const EVENT_TYPES = {
  'generation.succeeded': 'A generation delivered, at least in part.',
  'generation.failed': 'A generation failed. Nothing was charged, or what its receipt says.',
  'generation.canceled': 'A generation was canceled.',
  'generation.expired': 'A generation was not done before its deadline. Nothing was charged.',
  'batch.paused': 'A batch waits for credits, or for a model to be back. It resumes by itself.',
  'batch.completed': 'Every item of a batch has ended or was skipped.',
  'batch.canceled': 'A batch was canceled, and what was under way has ended.',
  'batch.expired': 'A batch was not done before its deadline.',
  'balance.low': 'Fewer credits are available than the organisation wants to have.',
  'balance.overdraft': 'The organisation owes credits.',
  'budget.threshold': 'A budget reached 50, 80 or 100 percent in its window.',
  'webhook_endpoint.disabled': 'Another endpoint was disabled: it failed for too long, or is gone.',
} as const

export type EventType = keyof typeof EVENT_TYPES

/** What an endpoint is sent to try it, whatever it is subscribed to. */
export const TEST_EVENT = 'webhook_endpoint.test'

const TYPES = Object.keys(EVENT_TYPES)
const GROUPS = [...new Set(TYPES.map((type) => `${type.split('.')[0]}.*`))]

/** What a filter may be: everything, a group, a type. */
export const EVENT_FILTERS: readonly string[] = ['*', ...GROUPS, ...TYPES]

/** The shapes that bodies have had, newest first. An endpoint keeps the one it was made with. */
export const API_VERSIONS: readonly string[] = ['2026-11-01']
