import { vendorPluginSuite, type VendorCase } from '#tests/contracts/vendor_plugin'
import { picture } from '#tests/fakes/vendor/media'
import plugin from '../plugin.js'
import FakeStability from './fake.js'

const photo = await picture({ width: 96, height: 64 }, 'jpeg')
/** Words behind the picture, for an address that takes no others. */
const slowPhoto = Buffer.concat([photo, Buffer.from(' slow:300ms ')])

const accept = { accept: 'application/json' }
const words = { prompt: 'a boat', negative_prompt: 'people', seed: 7 }
const wordParts: [string, string][] = [
  ['prompt', 'a boat'],
  ['negative_prompt', 'people'],
  ['seed', '7'],
]

function drawing(name: string, more: Pick<VendorCase, 'wire' | 'illegal'>): VendorCase {
  const path = `/v2beta/stable-image/generate/${name}`
  return {
    lengthy: { input: { prompt: 'one boat slow:300ms' } },
    wire: more.wire.map(({ sends, ...one }) => ({
      ...one,
      sends: { ...sends, path, headers: accept },
    })),
    illegal: [
      { input: {}, param: '/prompt', says: /required/ },
      { input: { prompt: 'x', seed: -1 }, param: '/seed', says: /1/ },
      { input: { prompt: 'x', aspect_ratio: '7:3' }, param: '/aspect_ratio', says: /21:9/ },
      { input: { prompt: 'x', width: 64 }, param: '/width', says: /not a field here/ },
      ...more.illegal,
    ],
  }
}

const fromPicture: VendorCase['illegal'] = [
  { input: { prompt: 'x', image: 'ast_1' }, param: '/strength', says: /required then/ },
  { input: { prompt: 'x', strength: 0.5 }, param: '/image', says: /required then/ },
  { input: { prompt: 'x', image: 'ast_1', strength: 1.5 }, param: '/strength', says: /1/ },
]

function upscaling(name: string): VendorCase {
  const references = { image: photo }
  return {
    order: { input: { prompt: 'a boat', output_format: 'jpeg' }, references },
    lengthy: { input: { prompt: 'a boat slow:300ms' }, references },
    wire: [
      {
        input: { ...words, creativity: 0.3, output_format: 'webp' },
        references,
        sends: {
          path: `/v2beta/stable-image/upscale/${name}`,
          headers: accept,
          form: [
            ...wordParts,
            ['creativity', '0.3'],
            ['output_format', 'webp'],
            ['image', 'file image/jpeg'],
          ],
        },
      },
    ],
    illegal: [
      { input: { prompt: 'x' }, param: '/image', says: /required/ },
      { input: { image: 'ast_1' }, param: '/prompt', says: /required/ },
      {
        input: { prompt: 'x', image: 'ast_1', creativity: 0.6 },
        param: '/creativity',
        says: /0\.5/,
      },
    ],
  }
}

vendorPluginSuite(plugin, {
  Fake: FakeStability,
  models: {
    'ultra': drawing('ultra', {
      wire: [
        {
          input: { ...words, aspect_ratio: '21:9', output_format: 'webp', strength: 0.4 },
          references: { image: photo },
          sends: {
            path: '',
            form: [
              ...wordParts,
              ['aspect_ratio', '21:9'],
              ['output_format', 'webp'],
              ['strength', '0.4'],
              ['image', 'file image/jpeg'],
            ],
          },
        },
      ],
      illegal: fromPicture,
    }),
    'core': drawing('core', {
      wire: [
        {
          input: {
            ...words,
            ...{ aspect_ratio: '4:5', style_preset: 'origami', output_format: 'jpeg' },
          },
          sends: {
            path: '',
            form: [
              ...wordParts,
              ['aspect_ratio', '4:5'],
              ['style_preset', 'origami'],
              ['output_format', 'jpeg'],
            ],
          },
        },
      ],
      illegal: [
        { input: { prompt: 'x', style_preset: 'dada' }, param: '/style_preset', says: /anime/ },
      ],
    }),
    'sd3.5-large': drawing('sd3', {
      wire: [
        {
          input: { ...words, aspect_ratio: '2:3', cfg_scale: 5, output_format: 'jpeg' },
          sends: {
            path: '',
            form: [
              ['model', 'sd3.5-large'],
              ['mode', 'text-to-image'],
              ...wordParts,
              ['aspect_ratio', '2:3'],
              ['cfg_scale', '5'],
              ['output_format', 'jpeg'],
            ],
          },
        },
        {
          input: { prompt: 'a boat', strength: 1 },
          references: { image: photo },
          sends: {
            path: '',
            form: [
              ['model', 'sd3.5-large'],
              ['mode', 'image-to-image'],
              ['prompt', 'a boat'],
              ['strength', '1'],
              ['output_format', 'png'],
              ['image', 'file image/jpeg'],
            ],
          },
        },
      ],
      illegal: [
        ...fromPicture,
        {
          input: { prompt: 'x', image: 'ast_1', strength: 0.5, aspect_ratio: '1:1' },
          param: '/aspect_ratio',
          says: /Leave "aspect_ratio" out then/,
        },
        { input: { prompt: 'x', output_format: 'webp' }, param: '/output_format', says: /jpeg/ },
      ],
    }),
    'upscale-fast': {
      order: { input: { output_format: 'webp' }, references: { image: photo } },
      lengthy: { input: {}, references: { image: slowPhoto } },
      wire: [
        {
          input: { output_format: 'jpeg' },
          references: { image: photo },
          sends: {
            path: '/v2beta/stable-image/upscale/fast',
            headers: accept,
            form: [
              ['output_format', 'jpeg'],
              ['image', 'file image/jpeg'],
            ],
          },
        },
      ],
      illegal: [
        { input: {}, param: '/image', says: /required/ },
        { input: { image: 'ast_1', prompt: 'x' }, param: '/prompt', says: /not a field here/ },
      ],
    },
    'upscale-conservative': upscaling('conservative'),
    'upscale-creative': upscaling('creative'),
  },
  troubles: {
    moderation: 'blocked_input',
    withheld: 'blocked_output',
    balance: 'provider_balance',
    auth: 'provider_auth',
    retired: 'model_retired',
    invalid: 'invalid_input',
  },
  plays: ['empty', 'absurd'],
})
