import { brokenRule } from '#core/plugins/cross_rules'
import type { ModelManifest } from '#core/plugins/define_plugin'
import { geometryProblem } from '#core/plugins/geometry'
import { check, type Problem } from './schema_validator.js'

/**
 * Checks an input as its model understands it, filling in its defaults in place: the schema, then
 * what one parameter demands of another, then the size. Answers the first thing that is wrong.
 */
export function checkInput(
  model: Pick<ModelManifest, 'parameters' | 'rules' | 'geometry'>,
  input: Record<string, unknown>,
  at: string
): Problem | null {
  const problem = check(model.parameters, input, at)
  if (problem) return problem
  const misfit = brokenRule(model.rules, input) ?? geometryProblem(model.geometry, input)
  if (!misfit) return null
  const { parameter, message } = misfit
  return { code: 'invalid_parameter', param: `${at}/${parameter}`, message }
}
