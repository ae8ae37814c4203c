import type { ProviderAnswer } from '#core/plugins/model_provider'
import { SandboxProvider } from '#plugins/sandbox/provider'

/**
 * Imported before the application, for its effect: the sandbox draws a picture the first time it
 * is asked for and hands it out at once from then on, as a vendor without a queue would.
 */
const drawn = new Map<string, Promise<ProviderAnswer>>()
const { submit } = SandboxProvider.prototype

SandboxProvider.prototype.submit = function (call) {
  const order = JSON.stringify([call.model, call.input])
  const answer = drawn.get(order) ?? submit.call(this, call)
  drawn.set(order, answer)
  return answer
}
