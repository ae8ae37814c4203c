import { stripVTControlCharacters } from 'node:util'
import ace from '@adonisjs/core/services/ace'
import type { BaseCommand } from '@adonisjs/core/ace'

interface CommandClass {
  new (...args: any[]): BaseCommand
  commandName: string
}

/** Runs a command as somebody at a terminal does, and answers what it said. */
export async function run(
  command: CommandClass,
  args: string[]
): Promise<{ said: string; exitCode: number }> {
  ace.ui.switchMode('raw')
  const instance = await ace.create(command as any, args)
  await instance.exec()
  const said = instance.ui.logger
    .getLogs()
    .map(({ message }: { message: string }) => message)
    .join('\n')
  instance.ui.logger.flushLogs()
  ace.ui.switchMode('normal')
  if (instance.error) throw instance.error
  return { said: plain(said), exitCode: instance.exitCode ?? 0 }
}

/** Without colours. */
function plain(text: string): string {
  return stripVTControlCharacters(text).replace(
    /\b(green|red|blue|yellow|dim|cyan|magenta|grey|underline|bold)\(([^()]*)\)/g,
    '$2'
  )
}
