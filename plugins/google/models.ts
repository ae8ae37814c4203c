import type { ModelManifest } from '#core/plugins/define_plugin'
import { filmModels } from './film_models.js'
import { imageModels } from './image_models.js'

export const models: ModelManifest[] = [...imageModels, ...filmModels]
