import { test } from '@japa/runner'
import { operatorInput } from '#core/plugins/operator_input'
import type { ModelManifest } from '#core/plugins/define_plugin'

const file = (text: string) => ({
  ...{ contentType: 'image/png', width: 1, height: 1 },
  bytes: async () => Buffer.from(text),
  url: () => `https://files.example/${text}`,
})

const rule = { mime: ['image/png'], maxMegapixels: 1, maxBytes: 1 }
const manifest = {
  references: { image: rule, styles: rule, mask: rule },
} as unknown as ModelManifest

test.group('The input of a model that an operator lists', () => {
  test('has its files as data, or as addresses where that was said', async ({ assert }) => {
    const input = { prompt: 'a boat', image: 'ast_1', styles: ['ast_2', 'ast_3'] }
    const references = { 'image': file('a'), 'styles/0': file('b'), 'styles/1': file('c') }

    const sent = await operatorInput({ input, references }, { manifest, byAddress: ['styles'] })

    assert.deepEqual(sent, {
      prompt: 'a boat',
      image: 'data:image/png;base64,YQ==',
      styles: ['https://files.example/b', 'https://files.example/c'],
    })
    assert.deepEqual(input.styles, ['ast_2', 'ast_3'], 'the input itself was changed')
  })
})
