import type { ModelManifest } from './define_plugin.js'

type Lifecycle = ModelManifest['lifecycle']

/**
 * What a model is at a moment: `retired` from its shutdown on, and `deprecated` as soon as one is
 * announced, whatever its author wrote. A vendor switches off on its day, not when we release.
 */
export function lifecycleAt({ lifecycle }: Pick<ModelManifest, 'lifecycle'>, now: Date): Lifecycle {
  const { state, shutdownAt } = lifecycle
  if (state === 'retired' || shutdownAt === undefined) return lifecycle
  const isOver = Date.parse(shutdownAt) <= now.getTime()
  return { ...lifecycle, state: isOver ? 'retired' : 'deprecated' }
}
