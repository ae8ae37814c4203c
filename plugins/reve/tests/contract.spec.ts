import { vendorPluginSuite, type VendorCase } from '#tests/contracts/vendor_plugin'
import { picture } from '#tests/fakes/vendor/media'
import plugin from '../plugin.js'
import FakeReve from './fake.js'

const photo = await picture({ width: 96, height: 64 }, 'jpeg')
const square = await picture({ width: 64, height: 64 })
const base64 = (bytes: Buffer) => bytes.toString('base64')

const headers = { accept: 'application/json' }

const common: VendorCase['illegal'] = [
  { input: {}, param: '/prompt', says: /required/ },
  { input: { prompt: 'x'.repeat(2_561) }, param: '/prompt', says: /2560/ },
]

vendorPluginSuite(plugin, {
  Fake: FakeReve,
  models: {
    create: {
      lengthy: { input: { prompt: 'one boat slow:300ms' } },
      wire: [
        {
          input: { prompt: 'a boat', aspect_ratio: '16:9', version: 'reve-create@20250915' },
          sends: {
            path: '/v1/image/create',
            headers,
            json: { prompt: 'a boat', aspect_ratio: '16:9', version: 'reve-create@20250915' },
          },
        },
        {
          input: { prompt: 'a boat' },
          sends: { path: '/v1/image/create', json: { prompt: 'a boat', version: 'latest' } },
        },
      ],
      illegal: [
        ...common,
        { input: { prompt: 'x', aspect_ratio: '21:9' }, param: '/aspect_ratio', says: /16:9/ },
        { input: { prompt: 'x', version: 'latest-fast' }, param: '/version', says: /latest/ },
        { input: { prompt: 'x', seed: 7 }, param: '/seed', says: /not a field here/ },
        { input: { prompt: 'x', n: 2 }, param: '/n', says: /not a field here/ },
      ],
    },
    edit: {
      order: { input: { edit_instruction: 'a red hull' }, references: { reference_image: photo } },
      lengthy: {
        input: { edit_instruction: 'a red hull slow:300ms' },
        references: { reference_image: photo },
      },
      wire: [
        {
          input: {
            edit_instruction: 'a red hull',
            aspect_ratio: '3:4',
            version: 'latest-fast',
          },
          references: { reference_image: photo },
          sends: {
            path: '/v1/image/edit',
            headers,
            json: {
              ...{ edit_instruction: 'a red hull', aspect_ratio: '3:4', version: 'latest-fast' },
              reference_image: base64(photo),
            },
          },
        },
      ],
      illegal: [
        { input: { reference_image: 'ast_1' }, param: '/edit_instruction', says: /required/ },
        { input: { edit_instruction: 'x' }, param: '/reference_image', says: /required/ },
        {
          input: { edit_instruction: 'x', reference_image: 'ast_1', prompt: 'x' },
          param: '/prompt',
          says: /not a field here/,
        },
      ],
    },
    remix: {
      order: {
        input: { prompt: 'both' },
        references: { 'reference_images/0': photo, 'reference_images/1': square },
      },
      lengthy: { input: { prompt: 'slow:300ms' }, references: { 'reference_images/0': photo } },
      wire: [
        {
          input: { prompt: 'both', aspect_ratio: '1:1', version: 'latest' },
          references: { 'reference_images/0': photo, 'reference_images/1': square },
          sends: {
            path: '/v1/image/remix',
            headers,
            json: {
              ...{ prompt: 'both', aspect_ratio: '1:1', version: 'latest' },
              reference_images: [base64(photo), base64(square)],
            },
          },
        },
      ],
      illegal: [
        { input: { prompt: 'x' }, param: '/reference_images', says: /required/ },
        {
          input: { prompt: 'x', reference_images: Array.from({ length: 7 }, () => 'ast_1') },
          param: '/reference_images',
          says: /6/,
        },
      ],
    },
  },
  troubles: {
    withheld: 'blocked_output',
    balance: 'provider_balance',
    auth: 'provider_auth',
    retired: 'model_retired',
    invalid: 'invalid_input',
  },
  plays: ['empty', 'absurd'],
})
