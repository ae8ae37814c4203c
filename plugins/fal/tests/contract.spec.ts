import { vendorPluginSuite } from '#tests/contracts/vendor_plugin'
import { picture } from '#tests/fakes/vendor/media'
import { offersOf } from '../models.js'
import fal from '../plugin.js'
import FakeFal, { OFFERS } from './fake.js'

const photo = await picture({ width: 64, height: 48 })
const data = `data:image/png;base64,${photo.toString('base64')}`

/** With the models that an operator would list. */
const models = offersOf(OFFERS).map(({ manifest }) => manifest)
const plugin = { ...fal, models, modelsFrom: undefined }

vendorPluginSuite(plugin, {
  Fake: FakeFal,
  models: {
    painter: {
      order: { input: { prompt: 'two boats', num_images: 2 } },
      lengthy: { input: { prompt: 'a boat slow:300ms' } },
      wire: [
        {
          input: { prompt: 'a boat', num_images: 2 },
          references: { 'image_urls/0': photo, 'image_urls/1': photo },
          sends: {
            path: '/fal-ai/painter',
            json: { prompt: 'a boat', num_images: 2, image_urls: [data, data] },
          },
        },
      ],
      illegal: [
        { input: {}, param: '/prompt', says: /required/ },
        { input: { prompt: 'x', num_images: 5 }, param: '/num_images', says: /4/ },
        { input: { prompt: 'x', steps: 5 }, param: '/steps', says: /not a field here/ },
      ],
    },
    animator: {
      order: { input: { prompt: 'waves', duration: '8' }, references: { image_url: photo } },
      lengthy: { input: { prompt: 'waves slow:300ms' }, references: { image_url: photo } },
      wire: [
        {
          input: { prompt: 'waves', duration: '8' },
          references: { image_url: photo },
          sends: {
            path: '/fal-ai/animator/image-to-video',
            json: { prompt: 'waves', duration: '8', image_url: 'https://files.example/reference' },
          },
        },
      ],
      illegal: [
        { input: { prompt: 'x' }, param: '/image_url', says: /required/ },
        {
          input: { prompt: 'x', image_url: 'ast_1', duration: '7' },
          param: '/duration',
          says: /5/,
        },
      ],
    },
  },
  troubles: {
    moderation: 'blocked_input',
    withheld: 'blocked_output',
    failed: 'provider_failed',
    balance: 'provider_balance',
    auth: 'provider_auth',
    invalid: 'invalid_input',
    retired: 'model_retired',
  },
  plays: ['empty', 'partial', 'absurd'],
})
