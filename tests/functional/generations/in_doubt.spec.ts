import app from '@adonisjs/core/services/app'
import { test } from '@japa/runner'
import type { ModelProvider, ProviderAnswer } from '#core/plugins/model_provider'
import { PluginRegistry, type RegisteredModel } from '#core/plugins/registry'
import { drawing, newStudio } from './studio.js'

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
