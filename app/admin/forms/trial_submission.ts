import { inject } from '@adonisjs/core'
import { refusalText } from '#app/admin/format/refusals'
import { organisationQuery } from '#app/admin/queries/organisations_query'
import { idempotencyOf, type TrialRequest } from '#app/admin/validators/trial_request'
import type { InputProblem } from '#app/generations/actions/price_input'
import { StartGeneration } from '#app/generations/actions/start_generation'

export type Submission =
  | { started: string }
  /** What of the form is not right, or why it was refused although it is. */
  | { started: null; problem?: InputProblem; refusal?: string; refusalId?: string }

/** Starts what a filled-in form asks for, or says why not in the words of the page. */
@inject()
export class TrialSubmission {
  constructor(private readonly start: StartGeneration) {}

  async handle(
    trial: TrialRequest,
    input: Record<string, unknown>,
    operatorId: string
  ): Promise<Submission> {
    if (!(await organisationQuery(trial.organisation))) return refused('Choose an organisation.')
    const outcome = await this.start.handle({
      accountId: trial.organisation,
      actor: `user:${operatorId}`,
      userId: operatorId,
      model: trial.model,
      input,
      idempotency: idempotencyOf(trial),
    })
    switch (outcome.outcome) {
      case 'started':
        return { started: outcome.generation.id }
      case 'exists':
        return { started: outcome.generationId }
      case 'invalid':
        return { started: null, problem: outcome.problem }
      case 'refused':
        return refused(refusalText(outcome.refusal), outcome.refusalId)
      case 'key_revoked':
        throw new Error('A form of the console brings no key.')
      case 'conflict':
        return refused(
          'This form was sent before, with other inputs. Press the button again to start anew.'
        )
    }
  }
}

function refused(refusal: string, refusalId?: string): Submission {
  return { started: null, refusal, refusalId }
}
