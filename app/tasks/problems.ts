import type { SenderDoubt } from '#core/queue/task_sender'
import { ApiProblem } from '#app/exceptions/api_problem'

type Facts = ConstructorParameters<typeof ApiProblem>[0]

/** An answer that has the task come again. */
const again = (facts: Omit<Facts, 'type' | 'retryable'>) =>
  new ApiProblem({ type: 'api_error', retryable: true, ...facts })

const DOUBTS: Record<SenderDoubt, Facts> = {
  unexpected: {
    status: 404,
    type: 'invalid_request_error',
    code: 'route_not_found',
    message: 'No tasks are pushed to this installation: QUEUE_DRIVER is not cloud_tasks.',
  },
  missing: {
    status: 401,
    type: 'authentication_error',
    code: 'task_token_missing',
    message:
      'Only Cloud Tasks may send tasks here, with the OIDC token of its service account. This request has none.',
  },
  expired: {
    status: 401,
    type: 'authentication_error',
    code: 'task_token_expired',
    message: 'The token of this task has expired. A new delivery brings a new one.',
  },
  forged: {
    status: 401,
    type: 'authentication_error',
    code: 'task_token_invalid',
    message:
      'The token of this task was not signed by the issuer that this installation trusts (CLOUD_TASKS_ISSUER, CLOUD_TASKS_JWKS_URL).',
  },
  misdirected: {
    status: 401,
    type: 'authentication_error',
    code: 'task_token_audience',
    message: 'The token of this task is for another audience than CLOUD_TASKS_AUDIENCE.',
  },
  stranger: {
    status: 403,
    type: 'permission_error',
    code: 'task_sender_unknown',
    message: 'The token of this task belongs to another account than CLOUD_TASKS_SERVICE_ACCOUNT.',
  },
  unverifiable: {
    status: 503,
    type: 'api_error',
    code: 'task_token_unverifiable',
    message: 'The keys that tokens are signed with cannot be had at present. Try again.',
    retryable: true,
    headers: { 'Retry-After': '10' },
  },
}

export function unbelieved(doubt: SenderDoubt) {
  return new ApiProblem(DOUBTS[doubt])
}

export function taskUnreadable(param: string, message: string) {
  return new ApiProblem({
    status: 422,
    type: 'invalid_request_error',
    code: 'invalid_task',
    param,
    message,
  })
}

/** No place for it now: 429 and 503 make Cloud Tasks slow the whole queue down. */
export const NO_PLACE = {
  full: () =>
    again({
      status: 429,
      code: 'worker_full',
      message: 'This process works on as many jobs as it may. Send the task again.',
      headers: { 'Retry-After': '1' },
    }),
  stopped: () =>
    again({
      status: 503,
      code: 'worker_stopped',
      message: 'This process takes no work: it is stopping, or WORKER is off. Send the task again.',
      headers: { 'Retry-After': '5' },
    }),
}

/** Others are about the one task: they slow nothing else down. */
export const taskEarly = (dueAt: Date) =>
  again({
    status: 425,
    code: 'task_early',
    message: `The job is not due before ${dueAt.toISOString()}. Send the task again.`,
    facts: { due_at: dueAt },
    headers: {
      'Retry-After': String(Math.max(1, Math.ceil((dueAt.getTime() - Date.now()) / 1000))),
    },
  })

export const jobTaken = () =>
  again({
    status: 409,
    code: 'job_running',
    message: 'Somebody works on the job just now. Send the task again, until it stands otherwise.',
  })

export const jobUntaken = (kind: string) =>
  again({
    status: 409,
    code: 'job_not_taken',
    message: `The job waits: this process does not know its kind (${kind}), or as many of its kind, organisation or provider run as may. Send the task again.`,
  })

export const jobUnfinished = () =>
  again({
    status: 500,
    code: 'job_unfinished',
    message: 'The work on the job broke off. Send the task again.',
  })
