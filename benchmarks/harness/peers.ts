import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { AnchorMissing } from './benchmark.js'

export const PEERS = new URL('../peers/', import.meta.url)

/** Installs what is measured beside, once, from its own lock. */
export function installPeers() {
  const { dependencies } = JSON.parse(readFileSync(new URL('package.json', PEERS), 'utf8'))
  const isThere = (name: string) => existsSync(new URL(`node_modules/${name}/package.json`, PEERS))
  if (Object.keys(dependencies).every(isThere)) return
  console.log('Installing the peers …')
  const { status, stderr } = spawnSync('npm', ['ci', '--ignore-scripts'], {
    cwd: PEERS,
    encoding: 'utf8',
  })
  if (status !== 0) throw new AnchorMissing(`The peers could not be installed.\n${stderr}`)
}
