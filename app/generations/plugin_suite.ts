import { existsSync } from 'node:fs'

const PLUGINS = new URL('../../plugins/', import.meta.url)
/** As it is written, and as it is built. */
const ENDINGS = ['ts', 'js']

/** Whether a plugin runs the suite of all plugins: the contract's own tests see to what is in it. */
export function hasSuite(plugin: string): boolean {
  return ENDINGS.some((ending) =>
    existsSync(new URL(`${plugin}/tests/contract.spec.${ending}`, PLUGINS))
  )
}

/** Whether nobody has seen the price where the vendor says it. */
export function isToBeConfirmed({ source }: { source: string }): boolean {
  return /to be confirmed/i.test(source)
}
