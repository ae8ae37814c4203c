import type { RedriveOutcome } from '#app/jobs/actions/redrive_job'

/** What came of having a job done again, for people. */
export function redriveText(result: RedriveOutcome): string {
  switch (result.outcome) {
    case 'queued':
      return 'It waits again, with all its tries.'
    case 'started':
      return `It was started anew as ${result.generationId}, with a hold of its own.`
    case 'refused':
      return `It was refused (${result.refusal.type}, see refusal ${result.refusalId}). Nothing was charged; try again when that has changed.`
    case 'invalid':
      return `It cannot be asked for any more: ${result.problem.message}`
    case 'duplicate':
      return 'Another job with its dedupe key is open, which does the same work.'
    case 'forgotten':
      return 'Its owner has deleted what was asked for.'
    case 'missing':
      return 'There is no such dead letter, or somebody has seen to it meanwhile.'
  }
}
