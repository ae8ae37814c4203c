import { test } from '@japa/runner'
import type { ModelManifest } from '#core/plugins/define_plugin'
import { checkInput } from '#app/generations/validators/model_input'
import { breach } from '#app/assets/inspect_file'
import { legalInput, type Subject } from './orders.js'

const TAKEN_NOWHERE = 'application/x-msdownload'

/** What no model takes, told by its manifest alone: nothing is held for it and no vendor hears of it. */
export function refusalsSuite({ name, model, order }: Subject) {
  test.group(`Model provider | ${name} refuses`, () => {
    test('a parameter that it does not have', ({ assert }) => {
      assert.equal(
        refused(model, { ...legalInput(model, order), no_such_thing: 1 }),
        '/no_such_thing'
      )
    })

    for (const [parameter, schema] of Object.entries(model.parameters.properties)) {
      if (!schema.enum) continue
      test(`a ${parameter} that is none of its own`, ({ assert }) => {
        const input = { ...legalInput(model, order), [parameter]: 'none of them' }
        assert.equal(refused(model, input), `/${parameter}`)
      })
    }

    for (const [parameter, rule] of Object.entries(model.references)) {
      const { type, maxItems } = model.parameters.properties[parameter]

      if (type === 'array') {
        test(`more ${parameter} than it takes`, ({ assert }) => {
          assert.isNumber(maxItems, 'it takes any number of them')
          const files = Array.from({ length: Number(maxItems) + 1 }, (_, n) => `ast_${n}`)
          const input = { ...legalInput(model, order), [parameter]: files }
          assert.equal(refused(model, input), `/${parameter}`)
        })
      }

      test(`a file as ${parameter} of another type, or too large`, ({ assert }) => {
        const { mime, maxBytes, maxMegapixels } = rule
        const rules = { contentTypes: mime, maxBytes, maxPixels: maxMegapixels * 1e6 }
        const file = { contentType: mime[0], bytes: maxBytes, width: 1, height: 1 }

        assert.isNull(breach(file, rules))
        const other = { ...file, contentType: TAKEN_NOWHERE }
        assert.equal(breach(other, rules)?.type, 'file_unsupported_type')
        assert.equal(breach({ ...file, bytes: maxBytes + 1 }, rules)?.type, 'file_too_large')
        const vast = { ...file, width: rules.maxPixels + 1 }
        assert.equal(breach(vast, rules)?.type, 'file_too_many_pixels')
      })
    }
  })
}

function refused(model: ModelManifest, input: Record<string, unknown>): string | undefined {
  return checkInput(model, input, '')?.param
}
