import { test } from '@japa/runner'
import type { ParameterSchema } from '#core/plugins/define_plugin'
import { readFormInput } from '#app/admin/forms/read_form_input'
import { schemaFields } from '#app/admin/forms/schema_fields'
import { filterQuery, readFilters, readPosition } from '#app/admin/validators/generation_filters'

const parameters: ParameterSchema = {
  type: 'object',
  properties: {
    prompt: { type: 'string', maxLength: 2000, title: 'Prompt' },
    style_name: { type: 'string', maxLength: 40, examples: ['ink'] },
    format: { type: 'string', enum: ['png', 'jpeg'], default: 'png' },
    n: { type: 'integer', minimum: 1, maximum: 4, default: 1 },
    strength: { type: 'number', minimum: 0, maximum: 1 },
    upscale: { type: 'boolean', default: true },
    points: { type: 'array', items: { type: 'number' } },
    image: { type: 'string' },
  },
  required: ['prompt'],
  additionalProperties: false,
}
const references = { image: { mime: ['image/png'], maxMegapixels: 4, maxBytes: 1 } }

test.group('A form of a schema', () => {
  test('asks for each parameter with the control that fits it', ({ assert }) => {
    const fields = schemaFields({ parameters, references, values: { n: 2 } })

    assert.deepEqual(
      fields.map(({ name, control, label, value }) => [name, control, label, value]),
      [
        ['prompt', 'textarea', 'Prompt', ''],
        ['style_name', 'text', 'Style name', ''],
        ['format', 'select', 'Format', 'png'],
        ['n', 'number', 'N', '2'],
        ['strength', 'number', 'Strength', ''],
        ['upscale', 'checkbox', 'Upscale', 'true'],
        ['points', 'json', 'Points', ''],
        ['image', 'file', 'Image', ''],
      ]
    )
    assert.deepEqual(fields[3].rules, { min: 1, max: 4, step: 1 })
    assert.deepEqual(fields[4].rules, { min: 0, max: 1, step: 'any' })
    assert.deepEqual(fields[1].suggestions, ['ink'])
    assert.deepEqual(fields[7].rules, { accept: 'image/png' })
    assert.isTrue(fields[0].required)
  })

  test('puts a problem beside its field and nowhere else', ({ assert }) => {
    const problem = { field: 'n', message: 'Too many.', missing: false }

    const fields = schemaFields({ parameters, references, values: {}, problem })

    assert.deepEqual(
      fields.filter(({ error }) => error).map(({ name, error }) => [name, error]),
      [['n', 'Too many.']]
    )
  })
})

test.group('What a form sends', () => {
  test('is read in the types of the schema, without what was left empty', ({ assert }) => {
    const input = readFormInput(parameters, {
      prompt: ' a hill ',
      style_name: null,
      n: '3',
      strength: '0.5',
      upscale: 'true',
      points: '[1, 2.5]',
      stranger: 'x',
    })

    assert.deepEqual(input, {
      prompt: 'a hill',
      n: 3,
      strength: 0.5,
      upscale: true,
      points: [1, 2.5],
    })
  })

  test('stays as it is where it makes no sense, for the schema to say so', ({ assert }) => {
    const input = readFormInput(parameters, { n: 'many', points: '[1,' })

    assert.deepEqual(input, { n: 'many', points: '[1,', upscale: false })
  })
})

test.group('Filters in an address', () => {
  test('take the last day whole and drop what they do not know', ({ assert }) => {
    const { filters, fields } = readFilters({
      status: 'lost',
      from: '2026-11-01',
      to: '2026-11-30',
      model: ' sandbox/image ',
      provider: ['a', 'b'],
    })

    assert.deepEqual(filters.createdFrom, new Date('2026-11-01T00:00:00Z'))
    assert.deepEqual(filters.createdBefore, new Date('2026-12-01T00:00:00Z'))
    assert.isUndefined(filters.status)
    assert.isUndefined(filters.provider)
    assert.equal(filterQuery(fields), 'model=sandbox%2Fimage&from=2026-11-01&to=2026-11-30')
  })

  test('know only positions that a page gave', ({ assert }) => {
    assert.deepEqual(readPosition('2026-11-22T12:00:00.123456Z~gen_01abc'), {
      createdAt: '2026-11-22T12:00:00.123456Z',
      id: 'gen_01abc',
    })
    assert.isUndefined(readPosition(`2026-99-99T12:00:00Z~gen_01abc`))
    assert.isUndefined(readPosition(`x'; drop table jobs`))
    assert.isUndefined(readPosition(undefined))
  })
})
