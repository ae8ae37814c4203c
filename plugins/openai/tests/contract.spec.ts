import { like, vendorPluginSuite, type VendorCase } from '#tests/contracts/vendor_plugin'
import { picture } from '#tests/fakes/vendor/media'
import plugin from '../plugin.js'
import FakeOpenAi from './fake.js'

const photo = await picture({ width: 64, height: 48 }, 'jpeg')
const square = await picture({ width: 64, height: 48 })

const common: Omit<VendorCase, 'wire'> = {
  order: { input: { prompt: 'two boats', size: '1536x1024', n: 2, output_format: 'webp' } },
  lengthy: { input: { prompt: 'one boat slow:300ms' } },
  illegal: [
    { input: {}, param: '/prompt', says: /required/ },
    { input: { prompt: 'x', n: 11 }, param: '/n', says: /10/ },
    { input: { prompt: 'x', style: 'vivid' }, param: '/style', says: /not a field here/ },
    { input: { prompt: 'x', mask: 'ast_1' }, param: '/images', says: /required then/ },
    { input: { prompt: 'x', input_fidelity: 'high' }, param: '/images', says: /required then/ },
    {
      input: { prompt: 'x', images: ['ast_1'], moderation: 'low' },
      param: '/moderation',
      says: /must be auto then/,
    },
    {
      input: { prompt: 'x', output_compression: 50 },
      param: '/output_compression',
      says: /PNG loses nothing/,
    },
  ],
}

const wire = (model: string): VendorCase['wire'] => [
  {
    input: {
      ...{ prompt: 'a boat', size: '1024x1536', quality: 'high', background: 'opaque', n: 2 },
      ...{ output_format: 'jpeg', output_compression: 70, moderation: 'low' },
    },
    sends: {
      path: '/v1/images/generations',
      json: {
        ...{ model, prompt: 'a boat', size: '1024x1536', quality: 'high', background: 'opaque' },
        ...{ n: 2, output_format: 'jpeg', output_compression: 70, moderation: 'low' },
      },
    },
  },
  {
    input: { prompt: 'a red hull', input_fidelity: 'high' },
    references: { 'images/0': photo, 'images/1': square, 'mask': square },
    sends: {
      path: '/v1/images/edits',
      form: [
        ['model', model],
        ['prompt', 'a red hull'],
        ['size', '1024x1024'],
        ['quality', 'medium'],
        ['background', 'auto'],
        ['n', '1'],
        ['output_format', 'png'],
        ['input_fidelity', 'high'],
        ['image[]', 'file image/jpeg'],
        ['image[]', 'file image/png'],
        ['mask', 'file image/png'],
      ],
    },
  },
]

const SECOND = plugin.models.map(({ id }) => id).filter((id) => id.startsWith('gpt-image-2'))

vendorPluginSuite(plugin, {
  Fake: FakeOpenAi,
  models: {
    ...like(SECOND, (id) => ({
      ...common,
      wire: wire(id),
      illegal: [
        ...common.illegal,
        { input: { prompt: 'x', size: '1000x1000' }, param: '/size', says: /multiples of 16/ },
        {
          input: { prompt: 'x', size: '3840x3840' },
          param: '/size',
          says: /at most 8294400 pixels/,
        },
        { input: { prompt: 'x', background: 'transparent' }, param: '/background', says: /opaque/ },
      ],
    })),
    'gpt-image-1.5': {
      ...common,
      wire: wire('gpt-image-1.5'),
      illegal: [
        ...common.illegal,
        { input: { prompt: 'x', size: '2048x2048' }, param: '/size', says: /1024x1024/ },
        {
          input: { prompt: 'x', background: 'transparent', output_format: 'jpeg' },
          param: '/output_format',
          says: /png or webp then/,
        },
      ],
    },
  },
  troubles: {
    moderation: 'blocked_input',
    balance: 'provider_balance',
    auth: 'provider_auth',
    retired: 'model_retired',
    invalid: 'invalid_input',
  },
  plays: ['empty', 'partial', 'absurd'],
})
