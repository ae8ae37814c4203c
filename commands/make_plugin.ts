import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { args, BaseCommand, flags } from '@adonisjs/core/ace'

const STUBS = 'stubs/plugin'
const CONFIG = 'config/plugins.ts'
const LINE = 100
const LIST = /export default \[([^\]]*)\]/

export default class MakePlugin extends BaseCommand {
  static commandName = 'make:plugin'
  static description =
    'Begin a plugin: its folder, a fake of its vendor, and a suite that says what is left'
  static help = [
    'Writes plugins/<id> and its line in config/plugins.ts. docs/plugins.md tells the way from there.',
    '',
    '```',
    '{{ binaryName }} make:plugin acme --title "Acme Pictures"',
    '```',
  ]

  @args.string({ description: 'In model names: lower case letters, digits and hyphens' })
  declare id: string

  @flags.string({ description: 'As people call the vendor' })
  declare title?: string

  async run() {
    const { id } = this
    if (!/^[a-z][a-z0-9-]{1,30}$/.test(id)) {
      return this.#refuse(`"${id}" is no id. Write lower case letters, digits and hyphens: acme`)
    }
    const folder = this.app.makePath('plugins', id)
    if (existsSync(folder)) return this.#refuse(`There is a plugin in plugins/${id} already.`)
    const stubs = this.app.makePath(STUBS)
    if (!existsSync(stubs)) return this.#refuse('Plugins are made in the sources, not in a build.')
    const config = await readFile(this.app.makePath(CONFIG), 'utf8')
    if (!LIST.test(config))
      return this.#refuse(`${CONFIG} has no list that a line can be added to.`)

    const entries = await readdir(stubs, { recursive: true, withFileTypes: true })
    for (const entry of entries.filter((one) => one.isFile())) {
      const stub = join(entry.parentPath, entry.name)
      const path = join(folder, relative(stubs, stub).replace(/\.txt$/, ''))
      await mkdir(dirname(path), { recursive: true })
      await writeFile(path, this.#filled(await readFile(stub, 'utf8')))
    }
    await writeFile(this.app.makePath(CONFIG), withPlugin(config, id))
    this.logger.success(`plugins/${id} is there, and on in ${CONFIG}.`)
    this.logger.log(
      `Its suite says what is left: npm test -- --files plugins/${id}/tests/contract.spec.ts`
    )
    this.logger.log('docs/plugins.md tells the way.')
  }

  #filled(stub: string): string {
    const { id, title = titleOf(id) } = this
    const words: Record<string, string> = {
      id,
      title: title.replaceAll("'", '’'),
      Name: titleOf(id).replaceAll(' ', ''),
      KEY: id.toUpperCase().replaceAll('-', '_'),
    }
    return stub.replace(/\{\{(\w+)\}\}/g, (_, word: string) => words[word])
  }

  #refuse(message: string) {
    this.logger.error(message)
    this.exitCode = 1
  }
}

/** `acme-labs` is Acme Labs. */
function titleOf(id: string): string {
  return id
    .split('-')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join(' ')
}

/** In the form that the formatter gives the list. */
function withPlugin(config: string, id: string): string {
  const name = id.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())
  const [, list] = LIST.exec(config)!
  const names = [...list.split(',').map((one) => one.trim()), name].filter(Boolean)
  const line = `export default [${names.join(', ')}]`
  const lines = `export default [\n${names.map((one) => `  ${one},\n`).join('')}]`
  const rest = config.replace(LIST, line.length > LINE ? lines : line)
  return `import ${name} from '#plugins/${id}/plugin'\n${rest}`
}
