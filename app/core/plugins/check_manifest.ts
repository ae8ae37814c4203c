import {
  CORE_VERSION,
  type Demand,
  type ModelManifest,
  type PluginManifest,
} from './define_plugin.js'
import { PluginFault } from './errors.js'
import { parametersOf, readSize, type Geometry } from './geometry.js'
import { MODEL_KINDS } from './model_kinds.js'
import { schemaProblem } from './schema_problem.js'
import type { VendorAuth } from './vendor_http.js'
import { checkPrices } from '../prices/check_price.js'
import { PriceProblem } from '../prices/price_problem.js'

const VARIABLE = /^[A-Z][A-Z0-9_]*$/
const HOST = /^(\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)+$/
const DAY = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d)?(Z|[+-]\d\d:\d\d))?$/
const MODEL_ID = /^[a-z0-9][a-z0-9.-]*$/
const MOST_COMBINATIONS = 10_000

/** Throws `PluginFault` for the first thing that is wrong: plugin, field and mend in one sentence. */
export function checkManifest(plugin: PluginManifest) {
  const wrong = (field: string, mend: string) => new PluginFault(plugin.id, field, mend)
  const { id, core, models, env, auth, hosts, limits } = plugin
  if (!/^[a-z][a-z0-9-]*$/.test(id)) {
    throw wrong('id', 'use lower-case letters, digits and dashes.')
  }
  if (core !== `^${CORE_VERSION}`) {
    throw wrong('core', `"${core}" does not fit this kernel; it needs "^${CORE_VERSION}".`)
  }
  const secrets = [...env, ...(plugin.optionalEnv ?? [])]
  const misnamed = secrets.find((name) => !VARIABLE.test(name))
  if (misnamed !== undefined) {
    throw wrong('env', `"${misnamed}" names no variable. Use capitals, digits and underscores.`)
  }
  const twice = secrets.find((name, n) => secrets.indexOf(name) < n)
  if (twice) throw wrong('env', `"${twice}" is there twice. Remove one.`)
  const unnamed = auth && secretsOf(auth).find((name) => !env.includes(name))
  if (unnamed) throw wrong('auth', `"${unnamed}" is not one of its secrets. Add it to "env".`)
  for (const [list, names] of Object.entries(hosts ?? {})) {
    const odd = (names as string[]).find((name) => !HOST.test(name))
    if (odd !== undefined) {
      throw wrong(
        `hosts.${list}`,
        `"${odd}" is no host. Write "api.example.com" or "*.example.com".`
      )
    }
  }
  for (const [name, limit] of Object.entries(limits ?? {})) {
    if (isCount(limit)) continue
    throw wrong(`limits.${name}`, 'it must be a whole number above 0, or left out.')
  }
  if (plugin.modelsFrom !== undefined && !env.includes(plugin.modelsFrom.variable)) {
    throw wrong(
      'modelsFrom.variable',
      `"${plugin.modelsFrom.variable}" is not one of its variables. Add it to "env".`
    )
  }
  if (models.length === 0 && plugin.modelsFrom === undefined) {
    throw wrong('models', 'it has none. Add one.')
  }
  for (const model of models) checkModel(plugin, model)
}

function checkModel(plugin: PluginManifest, model: ModelManifest) {
  const wrong = (field: string, mend: string) =>
    new PluginFault(plugin.id, field ? `models.${model.id}.${field}` : `models.${model.id}`, mend)
  if (!MODEL_ID.test(model.id)) {
    throw wrong('id', 'use lower-case letters, digits, dashes and dots.')
  }
  if (!MODEL_KINDS.includes(model.kind)) {
    throw wrong('kind', `"${model.kind}" is not one of ${MODEL_KINDS.join(', ')}.`)
  }
  const problem = schemaProblem(model.parameters)
  if (problem) throw wrong(`parameters${problem.at}`, problem.mend)
  const known = Object.keys(model.parameters.properties)
  const unknown = namedBy(model).find((name) => !known.includes(name))
  if (unknown) {
    throw wrong('', `"${unknown}" is not one of its parameters. Add it to the schema or remove it.`)
  }
  checkLifecycle(plugin, model, wrong)
  checkReferences(model, wrong)
  const misfit = model.geometry && geometryMisfit(model, model.geometry)
  if (misfit) throw wrong('geometry', misfit)
  checkExecution(plugin, model, wrong)
  try {
    checkPrices(model)
  } catch (error) {
    if (!(error instanceof PriceProblem)) throw error
    throw wrong(error.field, error.mend)
  }
}

type Wrong = (field: string, mend: string) => PluginFault

function checkLifecycle(plugin: PluginManifest, { lifecycle }: ModelManifest, wrong: Wrong) {
  const { shutdownAt, replacement } = lifecycle
  const isDay = shutdownAt === undefined || DAY.test(shutdownAt)
  if (!isDay || Number.isNaN(Date.parse(shutdownAt ?? '2000-01-01'))) {
    throw wrong(
      'lifecycle.shutdownAt',
      'write a day, "2026-12-01", or an ISO 8601 instant with its zone.'
    )
  }
  if (replacement === undefined) return
  const [provider, id, ...rest] = replacement.split('/')
  if (!id || rest.length > 0) {
    throw wrong('lifecycle.replacement', `"${replacement}" is no model. Write provider/model.`)
  }
  if (provider === plugin.id && !plugin.models.some((model) => model.id === id)) {
    throw wrong('lifecycle.replacement', `${replacement} is none of its models. Name one of them.`)
  }
}

function checkReferences({ parameters, references }: ModelManifest, wrong: Wrong) {
  for (const [name, rule] of Object.entries(references)) {
    const { type, maxItems, items } = parameters.properties[name]
    const isList = type === 'array' && (items as { type?: unknown })?.type === 'string'
    if (type !== 'string' && !isList) {
      throw wrong(
        `references.${name}`,
        'it is a file: make its parameter a string, or a list of them.'
      )
    }
    if (isList && !isCount(maxItems)) {
      throw wrong(`parameters.properties.${name}.maxItems`, 'say how many files it takes at most.')
    }
    if (rule.sameSizeAs !== undefined && !(rule.sameSizeAs in references)) {
      throw wrong(`references.${name}.sameSizeAs`, `"${rule.sameSizeAs}" is none of its files.`)
    }
  }
}

/** What a size is told from has to be there, and every combination has to have a size. */
function geometryMisfit(
  { parameters, references }: ModelManifest,
  geometry: Geometry
): string | null {
  const { properties, required = [] } = parameters
  const unsure = parametersOf(geometry).find(
    (name) => !required.includes(name) && properties[name].default === undefined
  )
  if (unsure) return `"${unsure}" can be missing. Require it, or give it a default.`
  if ('of' in geometry && !(geometry.of in references)) {
    return `"${geometry.of}" is none of its files.`
  }
  if (geometry.kind === 'size' && !geometry.bounds) {
    const sizes = (properties[geometry.param].enum ?? []) as string[]
    const odd = sizes.find((size) => !(readSize(size).width > 0))
    if (sizes.length === 0) return `"${geometry.param}" needs an enum of sizes, or bounds.`
    return odd === undefined ? null : `"${odd}" is no size. Write "1024x1024".`
  }
  if (geometry.kind === 'like' && typeof geometry.pixels !== 'number') {
    const { by, of } = geometry.pixels
    const missing = ((properties[by].enum ?? []) as unknown[]).find(
      (value) => !(String(value) in of)
    )
    return missing === undefined ? null : `it has no pixels for ${by} ${String(missing)}.`
  }
  return geometry.kind === 'table' ? tableMisfit(properties, geometry) : null
}

function tableMisfit(
  properties: ModelManifest['parameters']['properties'],
  { by, sizes }: Extract<Geometry, { kind: 'table' }>
): string | null {
  let rows = ['']
  for (const name of by) {
    const values = properties[name].enum as unknown[] | undefined
    if (!values) return `"${name}" needs an enum, so that its values can be counted.`
    rows = rows.flatMap((row) => values.map((value) => `${row} ${String(value)}`.trim()))
    if (rows.length > MOST_COMBINATIONS) return 'it has too many combinations.'
  }
  const missing = rows.find((row) => !(readSize(sizes[row] ?? '').width > 0))
  return missing === undefined
    ? null
    : `it has no size for "${missing}". Add one, such as "1280x720".`
}

function checkExecution(plugin: PluginManifest, model: ModelManifest, wrong: Wrong) {
  const { execution, output } = model
  for (const name of ['deadlineMs', 'maxAttempts', 'timeoutMs', 'pollIntervalMs'] as const) {
    const isOptional = name === 'timeoutMs' || name === 'pollIntervalMs'
    if ((isOptional && execution[name] === undefined) || isCount(execution[name])) continue
    throw wrong(`execution.${name}`, 'write a whole number above zero.')
  }
  if (output.mime.length === 0) throw wrong('output.mime', 'say what kinds of files it makes.')
  const isLink = output.transport === 'url' || output.transport === 'authed_url'
  if (isLink && !isCount(output.ttlSeconds)) {
    throw wrong('output.ttlSeconds', 'say how long its links live.')
  }
  if (isLink && !plugin.hosts) throw wrong('output.transport', 'its plugin has no hosts. Add them.')
}

function namedBy(model: ModelManifest): string[] {
  const { references, outputsParameter, secondsParameter, geometry, rules = [] } = model
  const demands = rules.flatMap(({ when, then }): Record<string, Demand>[] => [when, then])
  return [
    ...Object.keys(references),
    ...[outputsParameter, secondsParameter].filter((name) => name !== undefined),
    ...(geometry ? parametersOf(geometry) : []),
    ...demands.flatMap((demand) => Object.keys(demand)),
  ]
}

function secretsOf(auth: VendorAuth): string[] {
  if (auth.kind === 'none') return []
  return auth.kind === 'jwt-hs256' ? [auth.accessKey, auth.secretKey] : [auth.secret]
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) > 0
}
