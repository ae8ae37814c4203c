import app from '@adonisjs/core/services/app'
import logger from '@adonisjs/core/services/logger'
import { appUrl } from '#config/app'
import { RunDemonstration } from '#app/onboarding/actions/run_demonstration'
import {
  SeedInstallation,
  type SeededInstallation,
} from '#app/onboarding/actions/seed_installation'
import { firstStart, laterStart, receiptText } from '#app/onboarding/words'

/** What a start says. The first one sets up what is missing and proves that everything works. */
export async function welcome() {
  const seed = await app.container.make(SeedInstallation)
  const seeded = await seed.handle()
  say(seeded ? await firstWords(seeded) : laterStart(appUrl))
}

async function firstWords(seeded: SeededInstallation): Promise<string> {
  say('\nFirst start: generating a picture on this machine, through the whole platform …')
  const demonstration = await app.container.make(RunDemonstration)
  const receipt = await demonstration.handle(seeded.orgId).catch((error) => {
    logger.error({ err: error }, 'the first generation failed')
    return null
  })
  return [receipt && receiptText(receipt), firstStart(appUrl, seeded)].filter(Boolean).join('\n')
}

/** To the terminal, for people: the log has its own lines. */
function say(text: string) {
  process.stdout.write(`${text}\n`)
}
