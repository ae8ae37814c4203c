import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { availableParallelism, cpus, loadavg, platform, release, totalmem } from 'node:os'

/** Where and from what the numbers come. */
export function machine(): Record<string, string> {
  return {
    machine: `${availableParallelism()} × ${cpus()[0]?.model.trim() || 'unnamed core'}, ${Math.round(totalmem() / 2 ** 30)} GB, ${platform()} ${release()}`,
    load: loadavg()
      .map((one) => one.toFixed(1))
      .join(' '),
    commit: commit(),
    node: process.versions.node,
    adonis: versionOf('@adonisjs/core'),
    pg: versionOf('pg'),
  }
}

/** How many files, sockets included, one process may open; Node takes all it is allowed. */
export function openFilesLimit(): number {
  const limit = execFileSync('sh', ['-c', 'ulimit -Hn'], { encoding: 'utf8' }).trim()
  return limit === 'unlimited' ? Number.POSITIVE_INFINITY : Number(limit)
}

function commit(): string {
  const git = (...words: string[]) => execFileSync('git', words, { encoding: 'utf8' }).trim()
  try {
    const changed = git('status', '--porcelain', '--untracked-files=no') !== ''
    return git('rev-parse', '--short', 'HEAD') + (changed ? ' with changes' : '')
  } catch {
    return 'unknown'
  }
}

function versionOf(name: string): string {
  const manifest = new URL(`../../node_modules/${name}/package.json`, import.meta.url)
  return JSON.parse(readFileSync(manifest, 'utf8')).version
}
