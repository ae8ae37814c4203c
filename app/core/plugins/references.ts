import type { ModelManifest } from './define_plugin.js'
import type { ReferenceFile } from './model_provider.js'

/**
 * References are kept by where the input names them: `image`, or `images/0` and `images/1` of a
 * list, which is a JSON pointer into the input. So a problem can be told where it is.
 */
export interface NamedReference {
  /** The parameter that names it. */
  parameter: string
  /** Where: the parameter, or its place in the list. */
  at: string
  /** An asset id, or a URL. */
  value: unknown
}

/** Every file that an input names, in the order of the manifest and of its lists. */
export function namedReferences(
  rules: ModelManifest['references'],
  input: Record<string, unknown>
): NamedReference[] {
  return Object.keys(rules).flatMap((parameter) => {
    const value = input[parameter]
    if (value === undefined || value === null) return []
    if (!Array.isArray(value)) return [{ parameter, at: parameter, value }]
    return value.map((one: unknown, n) => ({ parameter, at: `${parameter}/${n}`, value: one }))
  })
}

/** The files of one parameter, in the order of the input: none, one, or a list. */
export function filesOf<File>(references: Record<string, File>, parameter: string): File[] {
  const alone = references[parameter]
  if (alone !== undefined) return [alone]
  const found: File[] = []
  for (let n = 0; references[`${parameter}/${n}`] !== undefined; n++) {
    found.push(references[`${parameter}/${n}`])
  }
  return found
}

/** The input with something else in the places of its files. */
export function placed(
  input: Record<string, unknown>,
  values: Record<string, unknown>
): Record<string, unknown> {
  const result = { ...input }
  for (const [at, value] of Object.entries(values)) {
    const [parameter, n] = at.split('/')
    if (n === undefined) result[parameter] = value
    else result[parameter] = (result[parameter] as unknown[]).with(Number(n), value)
  }
  return result
}

/** A file as its own address, for vendors that take it within their JSON. */
export async function dataUriOf({ contentType, bytes }: ReferenceFile): Promise<string> {
  return `data:${contentType};base64,${Buffer.from(await bytes()).toString('base64')}`
}
