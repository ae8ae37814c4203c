import { test } from '@japa/runner'
import { check } from '#app/generations/validators/schema_validator'

const schema = (properties: Record<string, object>, more: object = {}) => ({
  type: 'object',
  properties,
  additionalProperties: false,
  ...more,
})

const WRONG = [
  {
    title: 'a field that is not known',
    schema: schema({ prompt: {}, seed: {} }),
    value: { promt: 'x' },
    problem: {
      code: 'unknown_field',
      param: '/input/promt',
      message: '"promt" is not a field here. Known fields: prompt, seed.',
    },
  },
  {
    title: 'a field whose name has slashes and tildes',
    schema: schema({ a: {} }),
    value: { 'x/y~z': 1 },
    problem: {
      code: 'unknown_field',
      param: '/input/x~1y~0z',
      message: '"x/y~z" is not a field here. Known fields: a.',
    },
  },
  {
    title: 'a field that is missing',
    schema: schema({ prompt: {} }, { required: ['prompt'] }),
    value: {},
    problem: { code: 'missing_field', param: '/input/prompt', message: '"prompt" is required.' },
  },
  {
    title: 'a value that is none of the allowed',
    schema: schema({ format: { enum: ['png', 'jpeg'] } }),
    value: { format: 'gif' },
    problem: {
      code: 'invalid_parameter',
      param: '/input/format',
      message: '"format" must be one of: png, jpeg.',
    },
  },
  {
    title: 'a text where a whole number belongs',
    schema: schema({ n: { type: 'integer' } }),
    value: { n: '2' },
    problem: { code: 'invalid_parameter', param: '/input/n', message: '"n" must be integer.' },
  },
  {
    title: 'a fraction where a whole number belongs',
    schema: schema({ n: { type: 'integer' } }),
    value: { n: 1.5 },
    problem: { code: 'invalid_parameter', param: '/input/n', message: '"n" must be integer.' },
  },
  {
    title: 'a number below the least',
    schema: schema({ n: { minimum: 1 } }),
    value: { n: 0 },
    problem: { code: 'invalid_parameter', param: '/input/n', message: '"n" must be >= 1.' },
  },
  {
    title: 'a number above the most',
    schema: schema({ n: { maximum: 4 } }),
    value: { n: 5 },
    problem: { code: 'invalid_parameter', param: '/input/n', message: '"n" must be <= 4.' },
  },
  {
    title: 'a text that is too short',
    schema: schema({ prompt: { type: 'string', minLength: 1 } }),
    value: { prompt: '' },
    problem: {
      code: 'invalid_parameter',
      param: '/input/prompt',
      message: '"prompt" must NOT have fewer than 1 characters.',
    },
  },
  {
    title: 'a text that is too long',
    schema: schema({ prompt: { type: 'string', maxLength: 2 } }),
    value: { prompt: 'abc' },
    problem: {
      code: 'invalid_parameter',
      param: '/input/prompt',
      message: '"prompt" must NOT have more than 2 characters.',
    },
  },
  {
    title: 'a text of another form, in the words of the schema',
    schema: schema({ color: { pattern: '^#', description: 'A colour such as #ff0000.' } }),
    value: { color: 'red' },
    problem: {
      code: 'invalid_parameter',
      param: '/input/color',
      message: '"color" is not valid: A colour such as #ff0000.',
    },
  },
  {
    title: 'a text of another form, where the schema has no words',
    schema: schema({ color: { pattern: '^#' } }),
    value: { color: 'red' },
    problem: {
      code: 'invalid_parameter',
      param: '/input/color',
      message: '"color" must match pattern "^#".',
    },
  },
  {
    title: 'a value that fits no alternative',
    schema: schema({ size: { anyOf: [{ type: 'integer' }, { const: 'auto' }] } }),
    value: { size: 'big' },
    problem: { code: 'invalid_parameter', param: '/input/size' },
  },
  {
    title: 'too many entries',
    schema: schema({ tags: { type: 'object', maxProperties: 1 } }),
    value: { tags: { a: 1, b: 2 } },
    problem: {
      code: 'invalid_parameter',
      param: '/input/tags',
      message: '"tags" must NOT have more than 1 properties.',
    },
  },
  {
    title: 'something deep inside',
    schema: schema({ style: schema({ strength: { type: 'number' } }) }),
    value: { style: { strength: 'high' } },
    problem: {
      code: 'invalid_parameter',
      param: '/input/style/strength',
      message: '"strength" must be number.',
    },
  },
  {
    title: 'a text that no database keeps',
    schema: schema({ prompt: { type: 'string' } }),
    value: { prompt: 'a\u0000b' },
    problem: { code: 'invalid_parameter', param: '/input/prompt' },
  },
  {
    title: 'half of a character',
    schema: schema({ prompt: { type: 'string' } }),
    value: { prompt: 'a\ud83d' },
    problem: { code: 'invalid_parameter', param: '/input/prompt' },
  },
  {
    title: 'such a text in a list, or as a name',
    schema: { type: 'object' },
    value: { list: ['fine', { 'bad\u0000name': 1 }] },
    problem: { code: 'invalid_parameter', param: '/input/list/1' },
  },
]

test.group('Schema validator', () => {
  test('{title} is told with its place and how to mend it')
    .with(WRONG)
    .run(({ assert }, { schema: rules, value, problem }) => {
      assert.containSubset(check(rules, value, '/input'), problem)
    })

  test('a body that is no object is told as the body', ({ assert }) => {
    for (const body of [[], 'text', 5, null, undefined]) {
      assert.deepEqual(check({ type: 'object' }, body, ''), {
        code: 'invalid_parameter',
        param: '',
        message: '"body" must be object.',
      })
    }
  })

  test('defaults are filled in where nothing was said, and only there', ({ assert }) => {
    const input: Record<string, unknown> = { format: 'jpeg' }
    const rules = schema({ n: { type: 'integer', default: 1 }, format: { default: 'png' } })

    assert.isNull(check(rules, input, ''))

    assert.deepEqual(input, { format: 'jpeg', n: 1 })
  })

  test('every legal letter is taken, also those beyond the basic ones', ({ assert }) => {
    const prompt = 'Ein Leuchtturm 🗼 — 灯台 \t\n "quoted" \\u0000'

    assert.isNull(check(schema({ prompt: { type: 'string' } }), { prompt }, ''))
  })
})
