import { drawing, type Body } from './studio.js'

interface BadBody {
  title: string
  body: unknown
  /** 422 where nothing else is said. */
  status?: number
  code: string
  /** A JSON pointer. */
  param: string
  says?: RegExp
}

const long = (letters: number) => 'a'.repeat(letters)
const input = (fields: Body) => drawing(fields)

/** What may be wrong with the body of a request for a picture, and how it is told. */
export const BAD_BODIES: BadBody[] = [
  {
    title: 'a model that is not there',
    body: { ...drawing(), model: 'sandbox/imgae' },
    status: 404,
    code: 'model_not_found',
    param: '/model',
    says: /Did you mean sandbox\/image, /,
  },
  {
    title: 'no model',
    body: { input: {} },
    code: 'missing_field',
    param: '/model',
    says: /"model" is required/,
  },
  { title: 'no input', body: { model: 'sandbox/image' }, code: 'missing_field', param: '/input' },
  {
    title: 'a model that is no text',
    body: { ...drawing(), model: 5 },
    code: 'invalid_parameter',
    param: '/model',
  },
  {
    title: 'an input that is no object',
    body: { ...drawing(), input: 'a lake' },
    code: 'invalid_parameter',
    param: '/input',
  },
  {
    title: 'an unknown field of the request',
    body: { ...drawing(), promt: 'a lake' },
    code: 'unknown_field',
    param: '/promt',
    says: /Known fields: model, input/,
  },
  {
    title: 'an unknown field of the input',
    body: input({ width: 100 }),
    code: 'unknown_field',
    param: '/input/width',
    says: /Known fields: prompt, aspect_ratio, n, seed, format/,
  },
  {
    title: 'no prompt',
    body: { model: 'sandbox/image', input: {} },
    code: 'missing_field',
    param: '/input/prompt',
  },
  {
    title: 'an empty prompt',
    body: input({ prompt: '' }),
    code: 'invalid_parameter',
    param: '/input/prompt',
  },
  {
    title: 'a prompt that is too long',
    body: input({ prompt: long(2001) }),
    code: 'invalid_parameter',
    param: '/input/prompt',
  },
  {
    title: 'a prompt that no database keeps',
    body: input({ prompt: 'a\u0000lake' }),
    code: 'invalid_parameter',
    param: '/input/prompt',
  },
  {
    title: 'a prompt with half of a character',
    body: input({ prompt: 'a \ud83d lake' }),
    code: 'invalid_parameter',
    param: '/input/prompt',
  },
  {
    title: 'a format that is none',
    body: input({ format: 'gif' }),
    code: 'invalid_parameter',
    param: '/input/format',
    says: /must be one of: png, jpeg, webp/,
  },
  { title: 'too many', body: input({ n: 5 }), code: 'invalid_parameter', param: '/input/n' },
  { title: 'none', body: input({ n: 0 }), code: 'invalid_parameter', param: '/input/n' },
  { title: 'a part of one', body: input({ n: 1.5 }), code: 'invalid_parameter', param: '/input/n' },
  {
    title: 'a number as text',
    body: input({ n: '2' }),
    code: 'invalid_parameter',
    param: '/input/n',
  },
  { title: 'null', body: input({ n: null }), code: 'invalid_parameter', param: '/input/n' },
  {
    title: 'a seed beyond all',
    body: input({ seed: 1e308 }),
    code: 'invalid_parameter',
    param: '/input/seed',
  },
  {
    title: 'a ratio that is none',
    body: input({ aspect_ratio: '0:0' }),
    code: 'invalid_parameter',
    param: '/input/aspect_ratio',
  },
  {
    title: 'a deadline in the past',
    body: { ...drawing(), deadline: '2020-01-01T00:00:00Z' },
    code: 'invalid_parameter',
    param: '/deadline',
    says: /in the future/,
  },
  {
    title: 'a deadline next year',
    body: { ...drawing(), deadline: new Date(Date.now() + 3e10).toISOString() },
    code: 'invalid_parameter',
    param: '/deadline',
    says: /at most 24 hours/,
  },
  {
    title: 'a deadline without a zone',
    body: { ...drawing(), deadline: '2030-01-01T00:00:00' },
    code: 'invalid_parameter',
    param: '/deadline',
    says: /with its zone/,
  },
  {
    title: 'a deadline on no day',
    body: { ...drawing(), deadline: '2030-02-31T25:61:00Z' },
    code: 'invalid_parameter',
    param: '/deadline',
  },
  {
    title: 'max_credits that is no amount',
    body: { ...drawing(), max_credits: '1e3' },
    code: 'invalid_parameter',
    param: '/max_credits',
    says: /decimal string/,
  },
  {
    title: 'max_credits as a number',
    body: { ...drawing(), max_credits: 1 },
    code: 'invalid_parameter',
    param: '/max_credits',
  },
  {
    title: 'max_credits below zero',
    body: { ...drawing(), max_credits: '-1' },
    code: 'invalid_parameter',
    param: '/max_credits',
  },
  {
    title: 'an end user without a name',
    body: { ...drawing(), end_user: '' },
    code: 'invalid_parameter',
    param: '/end_user',
  },
  {
    title: 'metadata that is no text',
    body: { ...drawing(), metadata: { a: 1 } },
    code: 'invalid_parameter',
    param: '/metadata/a',
  },
  {
    title: 'too much metadata',
    body: {
      ...drawing(),
      metadata: Object.fromEntries(Array.from({ length: 17 }, (_, index) => [`k${index}`, 'v'])),
    },
    code: 'invalid_parameter',
    param: '/metadata',
  },
  {
    title: 'metadata under a name that is too long',
    body: { ...drawing(), metadata: { [long(65)]: 'v' } },
    code: 'invalid_parameter',
    param: '/metadata',
  },
  { title: 'a list', body: [drawing()], code: 'invalid_parameter', param: '' },
]
