import { args, BaseCommand, flags } from '@adonisjs/core/ace'
import type { CommandOptions } from '@adonisjs/core/types/ace'
import type { Chore, ChoreRun } from '#core/schedule/scheduler'

export default class ScheduleRun extends BaseCommand {
  static commandName = 'schedule:run'
  static description = 'Run what is due by the clock, for any cron'
  static help = [
    'Processes that work on jobs do this by themselves. Where none runs all the time, or with',
    'SCHEDULER=off, let a cron run it every minute. Two at once are harmless: each chore runs in',
    'one place at a time, and what was missed is caught up with once.',
    '',
    '```',
    '* * * * *  cd /srv/daygen && npm run --silent schedule',
    '{{ binaryName }} schedule:run --list',
    '{{ binaryName }} schedule:run housekeeping --early',
    '```',
  ]
  static options: CommandOptions = { startApp: true }

  @args.spread({ description: 'Only these, by name', required: false })
  declare names?: string[]

  @flags.boolean({ description: 'Show what there is, when it ran and when it is due; run nothing' })
  declare list: boolean

  @flags.boolean({ description: 'Also what is not due yet' })
  declare early: boolean

  @flags.boolean({ description: 'Print the outcome as JSON' })
  declare json: boolean

  async run() {
    const { makeChores, makeStandingChores, makeTurns } = await import('#start/scheduler')
    const all = [...(await makeChores(this.app)), ...(await makeStandingChores(this.app))]
    const unknown = this.names?.find((name) => all.every((chore) => chore.name !== name))
    if (unknown) {
      const known = all.map(({ name }) => name).join(', ')
      this.logger.error(`There is no chore "${unknown}". There are: ${known}.`)
      this.exitCode = 1
      return
    }
    const chores = this.names?.length ? all.filter(({ name }) => this.names!.includes(name)) : all
    const turns = await makeTurns(this.app)
    if (this.list) return this.#show(chores, await turns.runs(chores))

    const outcome: Record<string, string> = {}
    for (const chore of chores) {
      try {
        outcome[chore.name] = await turns.take(chore, { early: this.early })
      } catch (error) {
        outcome[chore.name] = `failed: ${error instanceof Error ? error.message : error}`
        this.exitCode = 1
      }
      if (!this.json)
        this.logger.log(`${chore.name}  ${WORDS[outcome[chore.name]] ?? outcome[chore.name]}`)
    }
    if (this.json) this.logger.log(JSON.stringify(outcome))
  }

  #show(chores: Chore[], runs: ChoreRun[]) {
    const rows = chores.map((chore) => ({
      ...chore,
      run: runs.find(({ name }) => name === chore.name),
    }))
    if (this.json) {
      const facts = rows.map(({ name, everyMs, run }) => ({
        name,
        every_ms: everyMs,
        ...told(run),
      }))
      return this.logger.log(JSON.stringify(facts))
    }
    const table = this.ui.table().head(['Chore', 'Every', 'Last run', 'Due', 'What it does'])
    for (const { name, about, everyMs, run } of rows) {
      table.row([name, spanText(everyMs), lastText(run), run ? timeText(run.dueAt) : 'now', about])
    }
    table.render()
  }
}

const WORDS: Record<string, string> = {
  ran: 'done',
  early: 'not due yet',
  elsewhere: 'another process is at it',
}

function told(run: ChoreRun | undefined) {
  if (!run) return { began_at: null, ended_at: null, error: null, due_at: null }
  return { began_at: run.beganAt, ended_at: run.endedAt, error: run.error, due_at: run.dueAt }
}

function lastText(run: ChoreRun | undefined): string {
  if (!run) return 'never'
  if (run.error) return `${timeText(run.beganAt)}, failed: ${run.error}`
  return run.endedAt ? timeText(run.endedAt) : `began ${timeText(run.beganAt)}`
}

function timeText(time: Date): string {
  return time.toISOString().slice(0, 19) + 'Z'
}

function spanText(ms: number): string {
  const seconds = ms / 1000
  if (seconds < 60) return `${seconds} s`
  return seconds < 86_400 ? `${seconds / 60} min` : `${seconds / 86_400} d`
}
