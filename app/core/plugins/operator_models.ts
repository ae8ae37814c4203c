import { readFileSync } from 'node:fs'
import { checkManifest } from './check_manifest.js'
import { CORE_VERSION, type ModelManifest, type ReferenceRule } from './define_plugin.js'
import { PluginFault } from './errors.js'

/** A model that an operator offers from a vendor that has more than any plugin could list. */
export interface OperatorModel {
  /** What the vendor calls it. */
  calls: string
  manifest: ModelManifest
  /** Parameters whose files the vendor is to fetch by their address. All others are sent. */
  byAddress: string[]
}

export interface OperatorTerms {
  plugin: string
  /** Names the file. */
  variable: string
  /** What names of the vendor look like. */
  calls: RegExp
  /** An example of one, for who has mistyped it. */
  example: string
  /** What is the same for all models of the vendor. */
  common: Pick<ModelManifest, 'execution' | 'billedOn'> & {
    cancel: boolean
    output: Omit<ModelManifest['output'], 'mime'>
  }
}

type Entry = Record<string, unknown>

/** Beside what is the same for all. */
const FIELDS = [
  ...['calls', 'id', 'title', 'description', 'kind', 'lifecycle', 'capabilities', 'parameters'],
  ...['rules', 'references', 'outputsParameter', 'secondsParameter', 'geometry', 'price'],
  ...['priceChanges', 'billedOn', 'output', 'example', 'deadlineSeconds'],
]

/**
 * The models of a file: `{ "models": [{ "calls": "owner/name", … }] }`, each as a manifest says it,
 * without what the vendor decides. Throws `PluginFault`, which stops the boot with a sentence that
 * names file, model and mend.
 */
export function operatorModels(terms: OperatorTerms, path: string): OperatorModel[] {
  const wrong = (mend: string) => new PluginFault(terms.plugin, terms.variable, `${path} ${mend}`)
  const entries = (parsed(path, wrong) as { models?: unknown } | null)?.models
  if (!Array.isArray(entries) || entries.length === 0) {
    throw wrong('lists no models. Write { "models": [ … ] }.')
  }
  return entries.map((entry: unknown, n) => {
    const name = (entry as Entry | null)?.id ?? `number ${n + 1}`
    const amiss = (mend: string) => wrong(`is wrong in model ${String(name)}: ${mend}`)
    if (!isObject(entry)) throw amiss('write an object.')
    return modelOf(entry, terms, amiss)
  })
}

function parsed(path: string, wrong: (mend: string) => PluginFault): unknown {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch {
    throw wrong('cannot be read. Name a file that is there.')
  }
  try {
    return JSON.parse(text)
  } catch {
    throw wrong('is no JSON. Mend it.')
  }
}

function modelOf(
  entry: Entry,
  { plugin, calls: pattern, example, common }: OperatorTerms,
  wrong: (mend: string) => PluginFault
): OperatorModel {
  const stranger = Object.keys(entry).find((name) => !FIELDS.includes(name))
  if (stranger) throw wrong(`there is no field "${stranger}". Known: ${FIELDS.join(', ')}.`)
  const { calls, deadlineSeconds, references = {}, capabilities = {}, ...rest } = entry
  if (typeof calls !== 'string' || !pattern.test(calls)) {
    throw wrong(`"calls" is what the vendor calls it, such as ${example}.`)
  }
  for (const name of ['title', 'description']) {
    if (typeof entry[name] !== 'string') throw wrong(`"${name}" is a text.`)
  }
  for (const name of ['parameters', 'output', 'price', 'example']) {
    if (!isObject(entry[name])) throw wrong(`"${name}" is an object.`)
  }
  if (!isObject(references) || !Object.values(references).every(isRule)) {
    throw wrong('"references" says of each file "mime", "maxMegapixels" and "maxBytes".')
  }
  const rules = Object.entries(references as Record<string, ReferenceRule & { by?: string }>)
  const { cancel, output, execution, billedOn } = common
  const deadlineMs =
    deadlineSeconds === undefined ? execution.deadlineMs : Number(deadlineSeconds) * 1000
  // What is wrong in it beyond that, the check of all manifests says.
  const manifest = {
    lifecycle: { state: 'active' },
    billedOn,
    ...rest,
    capabilities: { maxOutputs: 1, ...(capabilities as object), cancel },
    references: Object.fromEntries(rules.map(([name, { by: _, ...rule }]) => [name, rule])),
    execution: { ...execution, deadlineMs },
    output: { ...(entry.output as object), ...output },
  } as unknown as ModelManifest
  checked(plugin, manifest, wrong)
  const byAddress = rules.filter(([, { by }]) => by === 'address').map(([name]) => name)
  return { calls, manifest, byAddress }
}

function checked(plugin: string, model: ModelManifest, wrong: (mend: string) => PluginFault) {
  const alone = { id: plugin, title: plugin, core: `^${CORE_VERSION}`, env: [], models: [model] }
  const hosts = { api: ['api.example.com'], assets: [] }
  const provider = () => {
    throw new Error('It is only looked at.')
  }
  try {
    checkManifest({ ...alone, hosts, provider })
  } catch (error) {
    if (error instanceof PluginFault) throw error
    // Of a shape that no check of types would have let through.
    throw wrong('one of its fields is of a wrong kind. Compare it with the example of the README.')
  }
}

function isRule(rule: unknown): boolean {
  if (!isObject(rule) || !Array.isArray(rule.mime)) return false
  const isBounded = Number(rule.maxMegapixels) > 0 && Number(rule.maxBytes) > 0
  return isBounded && (rule.by === undefined || rule.by === 'address')
}

function isObject(value: unknown): value is Entry {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
