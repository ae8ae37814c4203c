import type { ProviderCall } from './model_provider.js'
import type { OperatorModel } from './operator_models.js'
import { dataUriOf, filesOf, placed } from './references.js'

/**
 * The input as a model of an operator wants it. Its parameters are the vendor's own and stay as they
 * are; files are sent in it, as data, or as an address where the operator has said so.
 */
export async function operatorInput(
  { input, references }: Pick<ProviderCall, 'input' | 'references'>,
  { manifest, byAddress }: Pick<OperatorModel, 'manifest' | 'byAddress'>
): Promise<Record<string, unknown>> {
  const places: Record<string, string> = {}
  for (const parameter of Object.keys(manifest.references)) {
    const isList = Array.isArray(input[parameter])
    for (const [n, file] of filesOf(references, parameter).entries()) {
      const place = isList ? `${parameter}/${n}` : parameter
      places[place] = byAddress.includes(parameter) ? file.url() : await dataUriOf(file)
    }
  }
  return placed(input, places)
}
