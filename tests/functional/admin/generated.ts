import app from '@adonisjs/core/services/app'
import { AwaitGeneration } from '#app/generations/actions/await_generation'
import { StartGeneration } from '#app/generations/actions/start_generation'

/** A generation of an organisation that has ended. */
export async function generated(accountId: string, prompt = 'a hill', model = 'sandbox/image') {
  const id = await started(accountId, prompt, model)
  const ended = await app.container.make(AwaitGeneration)
  return (await ended.handle(accountId, id, AbortSignal.timeout(30_000)))!
}

/** The id of a generation that was accepted. */
export async function started(accountId: string, prompt = 'a hill', model = 'sandbox/image') {
  const start = await app.container.make(StartGeneration)
  const outcome = await start.handle({ accountId, actor: 'system:test', model, input: { prompt } })
  if (outcome.outcome !== 'started') throw new Error(JSON.stringify(outcome))
  return outcome.generation.id
}
