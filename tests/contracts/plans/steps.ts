import { randomUUID } from 'node:crypto'
import type { PlanChoice, ResetPart } from '#core/plans/plans'
import { finishRequest, running } from '../metered_jobs/requests.js'
import type { World } from '../metered_jobs/world.js'

/** A test account on a plan whose periods began at `anchor`, with the credits of that moment. */
export async function onPlan(
  world: World,
  plan: string,
  options: { anchor?: Date; timezone?: string } = {}
) {
  const account = await world.newAccount({ credits: '0', timezone: options.timezone, test: true })
  await choose(world, account, plan, { anchor: options.anchor })
  await world.plans.reset(account)
  return account
}

export function choose(
  world: World,
  accountId: string,
  plan: string | null,
  options: Partial<PlanChoice> = {}
) {
  return world.plans.choose({
    accountId,
    plan,
    actor: 'system:test',
    reason: 'for a test',
    reference: randomUUID(),
    ...options,
  })
}

/** Goes to the next reset of the account and runs it. */
export async function nextPeriod(world: World, account: string) {
  const { nextAt } = (await world.plans.state(account))!
  await world.clock.advance(account, nextAt)
  return world.plans.reset(account)
}

export async function spend(world: World, account: string, credits: string) {
  const job = await running(world, account, { hold: credits })
  await world.metered.finish(finishRequest(job, { cost: credits }))
}

export async function available(world: World, account: string): Promise<string> {
  const balance = await world.ledger.balance(account)
  return balance.available.toString()
}

export const granted = (parts: ResetPart[]) =>
  parts
    .filter(({ outcome }) => outcome === 'granted')
    .map(({ ordinal, amount }) => `${ordinal}: ${amount}`)

/** What a reset now grants. */
export async function resetGrants(world: World, account: string) {
  const { parts } = await world.plans.reset(account)
  return granted(parts)
}

/** What the next reset grants. */
export async function nextGrants(world: World, account: string) {
  const { parts } = await nextPeriod(world, account)
  return granted(parts)
}
