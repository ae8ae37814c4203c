import {
  vendorPluginSuite,
  type IllegalCase,
  type VendorCase,
} from '#tests/contracts/vendor_plugin'
import { picture } from '#tests/fakes/vendor/media'
import plugin from '../plugin.js'
import FakeRecraft from './fake.js'

const photo = await picture({ width: 64, height: 48 }, 'jpeg')
/** Who has no words to say it in says it behind the picture. */
const slow = Buffer.concat([await picture({ width: 64, height: 48 }), Buffer.from(' slow:300ms')])

const drawing: IllegalCase[] = [
  { input: {}, param: '/prompt', says: /required/ },
  { input: { prompt: 'x'.repeat(1001) }, param: '/prompt', says: /1000/ },
  { input: { prompt: 'x', n: 7 }, param: '/n', says: /6/ },
  { input: { prompt: 'x', size: '512x512' }, param: '/size', says: /1024x1024/ },
  { input: { prompt: 'x', artistic_level: 6 }, param: '/artistic_level', says: /5/ },
  { input: { prompt: 'x', colors: ['red'] }, param: '/colors/0', says: /./ },
]

const tool = (path: string): VendorCase => ({
  order: { references: { image: photo } },
  lengthy: { references: { image: slow } },
  wire: [
    {
      references: { image: photo },
      sends: {
        path: `/v1/images/${path}`,
        form: [
          ['image', 'file image/jpeg'],
          ['response_format', 'url'],
        ],
      },
    },
  ],
  illegal: [
    { input: {}, param: '/image', says: /required/ },
    { input: { image: 'ast_1', prompt: 'x' }, param: '/prompt', says: /not a field here/ },
  ],
})

vendorPluginSuite(plugin, {
  Fake: FakeRecraft,
  models: {
    'recraft-v3': {
      order: { input: { prompt: 'two boats', size: '1536x1024', n: 2 } },
      lengthy: { input: { prompt: 'one boat slow:300ms' } },
      wire: [
        {
          input: {
            ...{ prompt: 'a boat', style: 'digital_illustration', n: 2, size: '1024x2048' },
            ...{ negative_prompt: 'gulls', artistic_level: 4, no_text: true },
            ...{ colors: ['#ff8000', '#000000'], background_color: '#0a0b0c' },
          },
          sends: {
            path: '/v1/images/generations',
            json: {
              ...{ prompt: 'a boat', model: 'recraftv3', style: 'digital_illustration', n: 2 },
              ...{ size: '1024x2048', response_format: 'url', negative_prompt: 'gulls' },
              controls: {
                artistic_level: 4,
                no_text: true,
                colors: [{ rgb: [255, 128, 0] }, { rgb: [0, 0, 0] }],
                background_color: { rgb: [10, 11, 12] },
              },
            },
          },
        },
        {
          input: { prompt: 'a boat' },
          sends: {
            path: '/v1/images/generations',
            json: {
              ...{ prompt: 'a boat', model: 'recraftv3', style: 'realistic_image', n: 1 },
              ...{ size: '1024x1024', response_format: 'url' },
            },
          },
        },
      ],
      illegal: [
        ...drawing,
        {
          input: { prompt: 'x', style: 'vector_illustration' },
          param: '/style',
          says: /realistic/,
        },
      ],
    },
    'recraft-v3-vector': {
      order: { input: { prompt: 'two boats', n: 2 } },
      lengthy: { input: { prompt: 'one boat slow:300ms' } },
      wire: [
        {
          input: {
            ...{ prompt: 'a boat', n: 1, size: '1280x1024', negative_prompt: 'gulls' },
            ...{ artistic_level: 0, no_text: false, colors: ['#010203'] },
            background_color: '#ffffff',
          },
          sends: {
            path: '/v1/images/generations',
            json: {
              ...{ prompt: 'a boat', model: 'recraftv3', style: 'vector_illustration', n: 1 },
              ...{ size: '1280x1024', response_format: 'url', negative_prompt: 'gulls' },
              controls: {
                artistic_level: 0,
                no_text: false,
                colors: [{ rgb: [1, 2, 3] }],
                background_color: { rgb: [255, 255, 255] },
              },
            },
          },
        },
      ],
      illegal: drawing,
    },
    'recraft-variate': {
      order: { input: { n: 2, image_format: 'png' }, references: { image: photo } },
      lengthy: { references: { image: slow } },
      wire: [
        {
          input: { n: 3, size: '1365x1024', image_format: 'png', seed: 12 },
          references: { image: photo },
          sends: {
            path: '/v1/images/variateImage',
            form: [
              ['image', 'file image/jpeg'],
              ['response_format', 'url'],
              ['n', '3'],
              ['size', '1365x1024'],
              ['image_format', 'png'],
              ['random_seed', '12'],
            ],
          },
        },
      ],
      illegal: [
        { input: {}, param: '/image', says: /required/ },
        { input: { image: 'ast_1', n: 0 }, param: '/n', says: /1/ },
        { input: { image: 'ast_1', size: '100x100' }, param: '/size', says: /1024x1024/ },
        { input: { image: 'ast_1', image_format: 'jpeg' }, param: '/image_format', says: /webp/ },
      ],
    },
    'recraft-vectorize': tool('vectorize'),
    'recraft-remove-background': tool('removeBackground'),
    'recraft-crisp-upscale': tool('crispUpscale'),
    'recraft-creative-upscale': tool('creativeUpscale'),
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
