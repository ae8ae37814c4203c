import { test } from '@japa/runner'
import type { Group } from '@japa/runner/core'
import type { PluginManifest } from '#core/plugins/define_plugin'
import { PluginRegistry } from '#core/plugins/registry'
import { stationOf, type Station } from './orders.js'
import { PLAIN_TOOLS } from '#tests/plain_tools'

interface PluginSubject {
  plugin: PluginManifest
  open: () => Station
  setup?: (group: Group) => void
}

/** What can be told of a plugin without an order. */
export function manifestSuite({ plugin, open, setup }: PluginSubject) {
  test.group(`Model provider | ${plugin.id}`, (group) => {
    setup?.(group)
    const station = stationOf(group, open)
    const provider = () => station().provider

    test('the manifest boots', ({ assert }) => {
      const registry = new PluginRegistry({
        plugins: [plugin],
        environment: Object.fromEntries(plugin.env.map((name) => [name, 'a-secret'])),
        production: false,
        enabled: [],
        ...PLAIN_TOOLS,
      })

      assert.lengthOf(registry.models(), plugin.models.length)
    })

    for (const name of plugin.env) {
      test(`without ${name} it is not configured, and that is no error`, ({ assert }) => {
        const registry = new PluginRegistry({
          plugins: [plugin],
          environment: Object.fromEntries(
            plugin.env.filter((other) => other !== name).map((other) => [other, 'a-secret'])
          ),
          production: false,
          enabled: [],
          ...PLAIN_TOOLS,
        })

        assert.containSubset(registry.plugins, [{ state: 'unconfigured', missing: [name] }])
        assert.deepEqual(registry.models(), [])
      })
    }

    test('every parameter explains itself in a form', ({ assert }) => {
      for (const { id, parameters } of plugin.models) {
        for (const [name, schema] of Object.entries(parameters.properties)) {
          assert.isString(schema.title, `${id}.${name} has no title`)
          assert.isString(schema.description, `${id}.${name} has no description`)
        }
      }
    })

    test('a parameter the price counts is required or has a default', ({ assert }) => {
      for (const {
        id,
        parameters,
        outputsParameter,
        secondsParameter,
        geometry,
      } of plugin.models) {
        const ratio = geometry?.kind === 'aspect' ? geometry.param : undefined
        const counted = [outputsParameter, secondsParameter, ratio].filter(
          (name) => name !== undefined
        )
        for (const name of counted) {
          const sure =
            'default' in parameters.properties[name] || parameters.required?.includes(name)
          assert.isTrue(sure, `${id}.${name} can be missing`)
        }
      }
    })

    test('anything thrown is classified, and an unknown value never quoted', ({ assert }) => {
      const thrown = [undefined, null, 0, 'canceled', {}, [], Symbol('x'), new Error('key sk-123')]
      for (const value of thrown) {
        const { class: errorClass, message } = provider().classify(value)
        assert.isString(errorClass)
        assert.isAbove(message.length, 0)
        assert.notInclude(message, 'sk-123')
      }
      assert.equal(provider().classify(undefined).class, 'internal')
    })
  })
}
