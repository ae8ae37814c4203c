import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { args, BaseCommand, flags } from '@adonisjs/core/ace'

const SCRIPT = 'tests/models/run.ts'

export default class ModelsTest extends BaseCommand {
  static commandName = 'models:test'
  static description = 'Try models with one generation each, through the whole platform'
  static help = [
    'On an installation that is thrown away afterwards: against the fakes of the vendors, or with --live',
    'against the vendors themselves, which bill for it.',
    '',
    '```',
    '{{ binaryName }} models:test local sandbox/image',
    '{{ binaryName }} models:test --words fail:moderation',
    '{{ binaryName }} models:test --live --max-credits 20 acme',
    '```',
  ]

  @args.spread({ description: 'Models or providers; all, where none is named', required: false })
  declare models?: string[]

  @flags.boolean({ description: 'Ask the vendors themselves' })
  declare live: boolean

  @flags.string({ description: 'How many credits it may spend at most' })
  declare maxCredits?: string

  @flags.string({ description: 'Further words for each prompt, on which fakes fail' })
  declare words?: string

  async run() {
    const script = this.app.makePath(SCRIPT)
    if (!existsSync(script)) {
      this.logger.error('The fakes are in the sources only. Run it there: npm run test:models')
      this.exitCode = 1
      return
    }
    const words = [
      ...(this.live ? ['--live'] : []),
      ...(this.maxCredits === undefined ? [] : ['--max-credits', this.maxCredits]),
      ...(this.words === undefined ? [] : ['--words', this.words]),
      ...(this.models ?? []),
    ]
    // A process of its own: its database is another one.
    const child = spawn(process.execPath, ['--import=@poppinss/ts-exec', script, ...words], {
      cwd: this.app.makePath(),
      stdio: 'inherit',
    })
    const [code] = (await once(child, 'exit')) as [number | null]
    this.exitCode = code ?? 1
  }
}
