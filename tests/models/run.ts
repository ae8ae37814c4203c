import 'reflect-metadata'
import { parseArgs } from 'node:util'
import type { PluginManifest } from '#core/plugins/define_plugin'
import type { RegisteredModel } from '#core/plugins/registry'
import type { FakeVendor } from '#tests/fakes/vendor/fake_vendor'
import { useThrowaway } from '#tests/throwaway'

const HELP = `Tries each model with one small generation through the whole platform: quote, hold, worker,
provider, file, settlement, receipt. On an installation that is thrown away afterwards.

  npm run test:models                            every model, against the fakes of their vendors
  npm run test:models -- local sandbox/image      one provider, one model
  npm run test:models -- --words fail:moderation with these words in each prompt, on which fakes fail

  npm run test:models -- --live --max-credits 20 acme
      against the vendors themselves, with the keys of the environment or of .env. It costs what the
      vendors bill. The account has so many credits and no more: what they do not pay for is not ordered.

Exit code 1: a model failed, cost what it should not, or was not tried.`

const PATIENCE_MS = 900_000
/** So many at once. Of what costs money, one after the other. */
const AT_ONCE = 6
const PLENTY = '1000000000'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    'live': { type: 'boolean', default: false },
    'max-credits': { type: 'string' },
    'words': { type: 'string' },
    'help': { type: 'boolean', short: 'h', default: false },
  },
})
const { live, words, 'max-credits': budget = live ? undefined : PLENTY } = values
if (values.help) leave(HELP, 0)
if (budget === undefined || !/^\d+(\.\d+)?$/.test(budget) || Number(budget) <= 0) {
  leave('Say how many credits it may spend at most: --live --max-credits 20', 1)
}

const { default: plugins } = (await import('#config/plugins')) as { default: PluginManifest[] }
const discard = await useThrowaway()
// Whatever an .env file says, this is an installation of its own.
Object.assign(process.env, {
  ...{ NODE_ENV: 'development', LOG_LEVEL: 'fatal', QUEUE_DRIVER: 'postgres' },
  ...{ WORKER: 'inline', SCHEDULER: 'off' },
})
const fakes = new Map<string, FakeVendor>()
for (const { id, hosts } of plugins) {
  if (!hosts) continue
  // Set and empty, so that no .env file leads to a fake.
  if (live) process.env[`${id.toUpperCase().replaceAll('-', '_')}_BASE_URL`] = ''
  else fakes.set(id, await startFake(id))
}

const { giveUp, house } = await import('../../bin/house.js')
const app = house().createApp('web')
const failed = await app
  .init()
  .then(() => app.boot())
  .then(() => app.start(() => {}))
  .then(() => tryAll())
  .catch(async (error) => {
    await discard()
    return giveUp(error)
  })
await app.terminate()
for (const fake of fakes.values()) await fake.stop()
await discard()
process.exit(failed > 0 ? 1 : 0)

async function startFake(id: string): Promise<FakeVendor> {
  const { default: Fake } = (await import(`../../plugins/${id}/tests/fake.js`)) as {
    default: new () => FakeVendor
  }
  const fake = new Fake()
  await fake.start()
  Object.assign(process.env, fake.environment())
  return fake
}

/** Answers how many failed. */
async function tryAll(): Promise<number> {
  const { Credits } = await import('#core/ledger/credits')
  const { Ledger } = await import('#core/ledger/ledger')
  const { PluginRegistry } = await import('#core/plugins/registry')
  const { CreateOrganisation } = await import('#app/identity/actions/create_organisation')
  const { ModelTrial } = await import('./trial.js')
  const { headLine, resultLines } = await import('./table.js')
  const { container } = app
  const registry = await container.make(PluginRegistry)
  const all = registry.plugins.flatMap(({ models }) => models)
  const stranger = positionals.find((name) => !all.some((model) => isMeant(model, name)))
  if (stranger) {
    console.error(`There is no model "${stranger}". Near: ${registry.nearest(stranger).join(', ')}`)
    return 1
  }
  const wanted = all.filter(
    (model) => positionals.length === 0 || positionals.some((name) => isMeant(model, name))
  )
  const create = await container.make(CreateOrganisation)
  const { id: accountId } = await create.handle({ name: 'Models under trial' })
  const ledger = await container.make(Ledger)
  await ledger.grant({
    ...{ accountId, kind: 'admin', amount: Credits.parse(budget!), source: 'models_test' },
    ...{ sourceRef: 'budget', actor: 'system:models_test', reason: 'to try the models' },
  })
  const trial = await container.make(ModelTrial)
  const signal = AbortSignal.timeout(PATIENCE_MS)
  let wrong = 0
  console.log(headLine())
  await inTurns(wanted, live ? 1 : AT_ONCE, async (model) => {
    const missing = registry.find(model.name) ? [] : missingOf(model)
    if (missing.length > 0) {
      wrong++
      return console.log(`${model.name.padEnd(38)} unconfigured: set ${missing.join(' and ')}`)
    }
    const result = await trial.handle(model, { accountId, fakes, words, signal })
    if (result.problems.length > 0) wrong++
    for (const line of resultLines(result)) console.log(line)
  })
  const violations = await ledger.verify(accountId)
  for (const { detail } of violations) console.log(`The books do not add up: ${detail}`)
  console.log(
    `${wanted.length} models, ${wrong} fail, ${violations.length} violations of the books`
  )
  return wrong + violations.length

  function missingOf({ provider }: RegisteredModel): string[] {
    return registry.plugins.find(({ id }) => id === provider)!.missing
  }
}

function isMeant({ name, provider }: RegisteredModel, text: string): boolean {
  return name === text || provider === text
}

async function inTurns<Item>(
  items: Item[],
  places: number,
  work: (item: Item) => Promise<unknown>
) {
  const rest = [...items]
  const next = async () => {
    for (let item = rest.shift(); item !== undefined; item = rest.shift()) await work(item)
  }
  await Promise.all(Array.from({ length: places }, next))
}

function leave(text: string, code: number): never {
  console.log(text)
  process.exit(code)
}
