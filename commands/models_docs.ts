import { readFile, writeFile } from 'node:fs/promises'
import { BaseCommand, flags } from '@adonisjs/core/ace'

const FILE = 'docs/models.md'

export default class ModelsDocs extends BaseCommand {
  static commandName = 'models:docs'
  static description = `Write ${FILE} from the manifests of the plugins`

  @flags.boolean({ description: 'Write nothing, and fail where it is not what the plugins say' })
  declare check: boolean

  async run() {
    const { default: plugins } = await import('#config/plugins')
    const { modelDocs } = await import('#app/generations/model_docs')
    const path = this.app.makePath(FILE)
    const wanted = modelDocs(plugins)
    if (!this.check) {
      await writeFile(path, wanted)
      return this.logger.success(`${FILE} says what the plugins say.`)
    }
    const found = await readFile(path, 'utf8').catch(() => '')
    if (found === wanted) return
    this.logger.error(`${FILE} is stale. Write it again: node ace models:docs`)
    this.exitCode = 1
  }
}
