import app from '@adonisjs/core/services/app'
import { test } from '@japa/runner'
import type { Classified, ModelProvider, ProviderAnswer } from '#core/plugins/model_provider'
import { ProviderHealth } from '#core/plugins/provider_health'
import { PluginRegistry, type RegisteredModel } from '#core/plugins/registry'
import { drawing, newPicture, newStudio } from './studio.js'

/** A vendor that takes each work and then says nothing the first time. */
async function silentVendor(resubmit: RegisteredModel['execution']['resubmit']) {
  const registry = await app.container.make(PluginRegistry)
  const model = registry.find('sandbox/image')!
  const provider = registry.provider(model)
  const { submit, lookup, classify } = provider as ModelProvider & Record<string, any>
  const declared = model.execution
  const taken = new Map<string, Promise<ProviderAnswer>>()
  const calls: string[] = []
  model.execution = { ...declared, resubmit }
  Object.assign(provider, {
    async submit(call: Parameters<ModelProvider['submit']>[0]) {
      calls.push('submit')
      const isFirst = !taken.has(call.jobId)
      taken.set(call.jobId, submit.call(provider, call))
      if (isFirst) throw new TypeError('the line went dead')
      return taken.get(call.jobId)
    },
    async lookup({ jobId }: { jobId: string }) {
      calls.push('lookup')
      return taken.get(jobId) ?? null
    },
    classify: (raw: unknown) =>
      raw instanceof TypeError
        ? { class: 'outcome_unknown', message: 'Nothing was heard.' }
        : classify(raw),
  })
  return {
    calls,
    restore() {
      model.execution = declared
      Object.assign(provider, { submit, lookup, classify })
    },
  }
}

test.group('When it is not known what became of the work', () => {
  const ways = {
    safe: { calls: ['submit', 'submit'], status: 'succeeded' },
    lookup: { calls: ['submit', 'lookup'], status: 'succeeded' },
    nothing: { calls: ['submit'], status: 'failed' },
  }
  test('where a vendor offers {$self}, it is done or given up as that allows, and paid once')
    .with(Object.keys(ways) as (keyof typeof ways)[])
    .run(async ({ client, assert, cleanup }, way) => {
      const vendor = await silentVendor(way === 'nothing' ? undefined : way)
      cleanup(vendor.restore)
      const studio = await newStudio(client)

      const generation = await studio.generated(drawing())

      assert.deepEqual(vendor.calls, ways[way].calls)
      assert.equal(generation.status, ways[way].status)
      const receipt = await studio.receipt(generation.id)
      if (way === 'nothing') {
        assert.equal(generation.error.code, 'outcome_unknown')
        assert.equal(receipt.charged, '0')
        assert.containSubset(receipt.losses, [{ kind: 'unknown', assumed: true }])
      } else {
        assert.equal(receipt.charged, generation.cost.charged)
        assert.deepEqual(receipt.losses, [])
      }
      assert.deepEqual(await studio.violations(), [])
    })
})

const FIRST = 'local/esrgan-2x'
const SECOND = 'local/esrgan-3x'

type Answer = 'lost' | 'made' | 'nothing' | Classified['class']

/** Has the first of two models answer its calls so, in this order. What it is asked is in `calls`. */
async function doubtfulVendor(
  resubmit: RegisteredModel['execution']['resubmit'],
  answers: Answer[]
) {
  const registry = await app.container.make(PluginRegistry)
  const model = registry.find(FIRST)!
  const provider = registry.provider(model)
  const { submit, lookup, classify } = provider
  const declared = model.execution
  const calls: string[] = []
  const left = [...answers]
  // Both models are of one provider, which is not to be left alone for what is played here.
  const health = await app.container.make(ProviderHealth)
  health.failed = () => {}
  model.execution = { ...declared, resubmit }
  const answer = async (call: Parameters<ModelProvider['submit']>[0]) => {
    const next = left.shift()
    if (next === 'made') return submit.call(provider, call)
    if (next === 'nothing') return null
    const errorClass = next === 'lost' ? 'outcome_unknown' : next
    throw { class: errorClass, message: 'So it is.' }
  }
  Object.assign(provider, {
    async submit(call: Parameters<ModelProvider['submit']>[0]) {
      calls.push(`submit ${call.model}`)
      return `local/${call.model}` === FIRST ? answer(call) : submit.call(provider, call)
    },
    async lookup(call: Parameters<ModelProvider['submit']>[0]) {
      calls.push(`lookup ${call.model}`)
      return answer(call)
    },
    classify: (raw: unknown) => raw as Classified,
  })
  return {
    calls,
    restore() {
      Reflect.deleteProperty(health, 'failed')
      model.execution = declared
      Object.assign(provider, { submit, lookup, classify })
    },
  }
}

test.group('Other models for a job in doubt', () => {
  const [submit, lookup, other] = ['submit esrgan-2x', 'lookup esrgan-2x', 'submit esrgan-3x']

  test('{title}')
    .with([
      {
        title: 'one that is found is delivered, and nobody else is asked',
        resubmit: 'lookup',
        answers: ['lost', 'made'],
        calls: [submit, lookup],
        ends: { status: 'succeeded', model: FIRST },
        losses: [],
      },
      {
        title: 'a vendor that cannot be asked is asked again, not given the work again',
        resubmit: 'lookup',
        answers: ['lost', 'transient_before_accept', 'rate_limited', 'provider_balance', 'made'],
        calls: [submit, lookup, lookup, lookup, lookup],
        ends: { status: 'succeeded', model: FIRST },
        losses: [],
      },
      {
        title: 'once it is known that nothing was taken, another is asked',
        resubmit: 'lookup',
        answers: ['lost', 'nothing', 'quota_daily'],
        calls: [submit, lookup, submit, other],
        ends: { status: 'succeeded', model: SECOND },
        losses: [],
      },
      {
        title:
          'a refusal of the second call says nothing of the first: no other is asked, and all may be lost',
        resubmit: 'safe',
        answers: ['lost', 'quota_daily', 'quota_daily', 'quota_daily', 'quota_daily'],
        calls: [submit, submit],
        ends: { status: 'failed', model: FIRST, error: { code: 'outcome_unknown' } },
        losses: [{ kind: 'unknown', assumed: true }],
      },
      {
        title: 'a work that is known to have failed is tried elsewhere',
        resubmit: 'safe',
        answers: ['lost', 'provider_failed'],
        calls: [submit, submit, other],
        ends: { status: 'succeeded', model: SECOND },
        losses: [],
      },
      {
        title: 'one of which nothing can be heard is given up',
        resubmit: undefined,
        answers: ['lost'],
        calls: [submit],
        ends: { status: 'failed', model: FIRST, error: { code: 'outcome_unknown' } },
        losses: [{ kind: 'unknown', assumed: true }],
      },
    ] as const)
    .run(async ({ client, assert, cleanup }, { resubmit, answers, calls, ends, losses }) => {
      const vendor = await doubtfulVendor(resubmit, [...answers])
      cleanup(vendor.restore)
      const studio = await newStudio(client)
      const input = { image: await newPicture(studio.id, 16, 12) }

      const generation = await studio.generated({ models: [FIRST, SECOND], input })

      assert.deepEqual(vendor.calls, [...calls])
      assert.containSubset(generation, ends)
      const receipt = await studio.receipt(generation.id)
      assert.lengthOf(receipt.losses, losses.length)
      assert.containSubset(receipt.losses, [...losses])
      assert.equal(receipt.charged, generation.cost.charged)
      if (ends.status === 'failed') assert.equal(receipt.charged, '0')
      assert.deepEqual(await studio.violations(), [])
    })

  test('a model that is gone while its vendor may have the work is not replaced', async ({
    client,
    assert,
    cleanup,
  }) => {
    const vendor = await doubtfulVendor('lookup', ['lost'])
    cleanup(vendor.restore)
    const registry = await app.container.make(PluginRegistry)
    const find = registry.find.bind(registry)
    cleanup(() => void Reflect.deleteProperty(registry, 'find'))
    registry.find = (name) => (vendor.calls.length > 0 && name === FIRST ? null : find(name))
    const studio = await newStudio(client)
    const input = { image: await newPicture(studio.id, 16, 12) }

    const generation = await studio.generated({ models: [FIRST, SECOND], input })

    assert.deepEqual(vendor.calls, [submit])
    assert.containSubset(generation, { status: 'failed', error: { code: 'model_retired' } })
    const { charged, hold, losses } = await studio.receipt(generation.id)
    assert.equal(charged, '0')
    assert.containSubset(losses, [{ kind: 'unknown', price: hold.amount, assumed: true }])
    assert.deepEqual(await studio.violations(), [])
  })
})
