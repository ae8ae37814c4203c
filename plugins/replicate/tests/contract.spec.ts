import { vendorPluginSuite } from '#tests/contracts/vendor_plugin'
import { picture } from '#tests/fakes/vendor/media'
import { offersOf } from '../models.js'
import replicate from '../plugin.js'
import FakeReplicate, { OFFERS } from './fake.js'

const photo = await picture({ width: 64, height: 48 })

/** With the models that an operator would list. */
const models = offersOf(OFFERS).map(({ manifest }) => manifest)
const plugin = { ...replicate, models, modelsFrom: undefined }

vendorPluginSuite(plugin, {
  Fake: FakeReplicate,
  models: {
    painter: {
      order: { input: { prompt: 'two boats', num_outputs: 2 } },
      lengthy: { input: { prompt: 'a boat slow:300ms' } },
      wire: [
        {
          input: { prompt: 'a boat', num_outputs: 2 },
          references: { 'image': photo, 'styles/0': photo, 'styles/1': photo },
          sends: {
            path: '/v1/models/acme/painter/predictions',
            json: {
              input: {
                prompt: 'a boat',
                num_outputs: 2,
                image: `data:image/png;base64,${photo.toString('base64')}`,
                styles: ['https://files.example/reference', 'https://files.example/reference'],
              },
            },
          },
        },
      ],
      illegal: [
        { input: {}, param: '/prompt', says: /required/ },
        { input: { prompt: 'x', num_outputs: 5 }, param: '/num_outputs', says: /4/ },
        { input: { prompt: 'x', steps: 5 }, param: '/steps', says: /not a field here/ },
      ],
    },
    animator: {
      order: { input: { prompt: 'waves', duration: '10' } },
      lengthy: { input: { prompt: 'waves slow:300ms' } },
      wire: [
        {
          input: { prompt: 'waves', duration: '10' },
          sends: {
            path: '/v1/predictions',
            json: {
              version: '5c7d5dc6dd8bf75c1acaa8565735e7986bc5b66206b55cca93cb72c9bf15ccaa',
              input: { prompt: 'waves', duration: '10' },
            },
          },
        },
      ],
      illegal: [
        { input: {}, param: '/prompt', says: /required/ },
        { input: { prompt: 'x', duration: '7' }, param: '/duration', says: /5/ },
      ],
    },
  },
  troubles: {
    withheld: 'blocked_output',
    failed: 'provider_failed',
    balance: 'provider_balance',
    auth: 'provider_auth',
    invalid: 'invalid_input',
    retired: 'model_retired',
  },
  plays: ['empty', 'partial', 'absurd'],
})
