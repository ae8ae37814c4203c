import type { ModelManifest, PluginManifest } from '#core/plugins/define_plugin'
import { priceText } from '#core/prices/price_text'
import { hasSuite, isToBeConfirmed } from './plugin_suite.js'

const HEAD = `# Models

Written by \`node ace models:docs\` from the manifests of the plugins; change those. A ✔ means that the
plugin runs the suite of all plugins, against a fake of its vendor where it has one; (?) that nobody has
confirmed the price at the vendor. Prices are the vendor's: what a user pays says the price book.
`

/** All models by provider, as Markdown. */
export function modelDocs(plugins: PluginManifest[]): string {
  const sorted = [...plugins].sort((a, b) => a.id.localeCompare(b.id))
  return [HEAD, ...sorted.map(sectionOf)].join('\n')
}

/** What the document says of one provider: the same whatever others there are. */
export function sectionOf(plugin: PluginManifest): string {
  const { id, title, env, limits = {}, models, modelsFrom } = plugin
  const facts = [
    env.length > 0 ? `Keys: ${env.map((name) => `\`${name}\``).join(', ')}.` : 'Needs no key.',
    ...(limits.concurrency ? [`${limits.concurrency} at once.`] : []),
    ...(limits.rpm ? [`${limits.rpm} a minute.`] : []),
    hasSuite(id) ? '✔' : 'No suite.',
  ]
  return [
    `## ${title}`,
    '',
    facts.join(' '),
    '',
    ...(modelsFrom
      ? [`Its models are those that the file of \`${modelsFrom.variable}\` lists.`, '']
      : []),
    ...(models.length > 0 ? [...TABLE, ...models.map(rowOf(id)), ''] : []),
  ].join('\n')
}

const TABLE = [
  '| model | kind | state | price | takes | at once |',
  '| --- | --- | --- | --- | --- | --- |',
]

const rowOf = (provider: string) => (model: ModelManifest) =>
  `| ${cellsOf(provider, model).join(' | ')} |`

function cellsOf(provider: string, model: ModelManifest): string[] {
  const { price, references, capabilities } = model
  const files = Object.entries(references).map(([name, { role = 'file' }]) => {
    const { maxItems } = model.parameters.properties[name] as { maxItems?: number }
    return `${name}: ${maxItems ? `up to ${maxItems} of ` : ''}${role.replace('_', ' ')}`
  })
  return [
    `\`${provider}/${model.id}\``,
    model.kind,
    stateOf(model),
    `${priceText(price.rule)}${isToBeConfirmed(price) ? ' (?)' : ''}`,
    files.join(', ') || 'text',
    String(capabilities.maxOutputs),
  ].map((cell) => cell.replaceAll('|', '\\|'))
}

/** As it is declared: a document does not change by the day it is read. */
function stateOf({ lifecycle: { state, shutdownAt, replacement } }: ModelManifest): string {
  const day = shutdownAt?.slice(0, 10)
  const when = day ? (state === 'retired' ? ` since ${day}` : `, off on ${day}`) : ''
  return `${state}${when}${replacement ? `; use \`${replacement}\`` : ''}`
}
