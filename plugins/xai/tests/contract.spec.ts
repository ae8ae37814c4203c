import { like, vendorPluginSuite, type VendorCase } from '#tests/contracts/vendor_plugin'
import { picture } from '#tests/fakes/vendor/media'
import plugin from '../plugin.js'
import FakeXai from './fake.js'

const photo = await picture({ width: 64, height: 48 }, 'jpeg')
const square = await picture({ width: 64, height: 64 })

const dataUrl = (bytes: Buffer, type: string) => ({
  url: `data:image/${type};base64,${bytes.toString('base64')}`,
  type: 'image_url',
})

const drawing = (model: string): VendorCase => ({
  order: { input: { prompt: 'two boats', n: 2, resolution: '2k' } },
  lengthy: { input: { prompt: 'one boat slow:300ms' } },
  wire: [
    {
      input: { prompt: 'a boat', n: 2, aspect_ratio: '3:2', resolution: '2k' },
      sends: {
        path: '/v1/images/generations',
        json: {
          ...{ model, response_format: 'b64_json', prompt: 'a boat', n: 2 },
          ...{ aspect_ratio: '3:2', resolution: '2k' },
        },
      },
    },
    {
      input: { prompt: 'a red hull' },
      references: { 'images/0': photo },
      sends: {
        path: '/v1/images/edits',
        json: {
          ...{ model, response_format: 'b64_json', prompt: 'a red hull', n: 1, resolution: '1k' },
          image: dataUrl(photo, 'jpeg'),
        },
      },
    },
    {
      input: { prompt: 'both' },
      references: { 'images/0': photo, 'images/1': square },
      sends: {
        path: '/v1/images/edits',
        json: {
          ...{ model, response_format: 'b64_json', prompt: 'both', n: 1, resolution: '1k' },
          images: [dataUrl(photo, 'jpeg'), dataUrl(square, 'png')],
        },
      },
    },
  ],
  illegal: [
    { input: {}, param: '/prompt', says: /required/ },
    { input: { prompt: 'x', n: 11 }, param: '/n', says: /10/ },
    { input: { prompt: 'x', size: '1024x1024' }, param: '/size', says: /not a field here/ },
    { input: { prompt: 'x', resolution: '4k' }, param: '/resolution', says: /2k/ },
    {
      input: { prompt: 'x', images: ['a', 'b', 'c', 'd'] },
      param: '/images',
      says: /3/,
    },
  ],
})

vendorPluginSuite(plugin, {
  Fake: FakeXai,
  models: like(['grok-imagine-image', 'grok-imagine-image-quality'], drawing),
  troubles: {
    moderation: 'blocked_input',
    withheld: 'blocked_output',
    balance: 'provider_balance',
    auth: 'provider_auth',
    retired: 'model_retired',
    invalid: 'invalid_input',
  },
  plays: ['empty', 'partial', 'absurd'],
})
