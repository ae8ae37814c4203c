import { like, vendorPluginSuite, type VendorCase } from '#tests/contracts/vendor_plugin'
import { picture } from '#tests/fakes/vendor/media'
import plugin from '../plugin.js'
import FakeBfl from './fake.js'

const photo = await picture({ width: 64, height: 48 }, 'jpeg')
const other = await picture({ width: 32, height: 32 })
const [photo64, other64] = [photo, other].map((bytes) => bytes.toString('base64'))

const common = { prompt: 'a boat', seed: 7, safety_tolerance: 5, output_format: 'png' }
const defaults = { safety_tolerance: 2, output_format: 'jpeg' }
const sides = { width: 512, height: 256 }
const illegal: VendorCase['illegal'] = [
  { input: {}, param: '/prompt', says: /required/ },
  { input: { prompt: 'x', safety_tolerance: 6 }, param: '/safety_tolerance', says: /5/ },
  { input: { prompt: 'x', output_format: 'webp' }, param: '/output_format', says: /jpeg/ },
  { input: { prompt: 'x', n: 2 }, param: '/n', says: /not a field here/ },
]
const withoutSize: VendorCase['illegal'] = [
  { input: { prompt: 'x', aspect_ratio: '5:1' }, param: '/aspect_ratio', says: /16:9/ },
]

function second(pictures: number, more: Record<string, unknown> = {}): VendorCase {
  return {
    order: { input: { prompt: 'a boat', width: 1536, height: 1024 } },
    lengthy: { input: { prompt: 'a boat slow:300ms', ...sides } },
    wire: [
      {
        input: { ...common, ...sides, ...more },
        references: { 'images/0': photo, 'images/1': other },
        sends: {
          path: '/v1/:model',
          json: { ...common, ...sides, ...more, input_image: photo64, input_image_2: other64 },
        },
      },
    ],
    illegal: [
      ...illegal,
      { input: { prompt: 'x', width: 1000 }, param: '/width', says: /16/ },
      { input: { prompt: 'x', height: 48 }, param: '/height', says: /64/ },
      {
        input: { prompt: 'x', width: 2048, height: 2048 },
        param: '/width',
        says: /at most 4000000 pixels/,
      },
      {
        input: { prompt: 'x', images: Array.from({ length: pictures + 1 }, (_, n) => `ast_${n}`) },
        param: '/images',
        says: new RegExp(String(pictures)),
      },
    ],
  }
}

/** The path says the model. */
function of(id: string, { wire, ...rest }: VendorCase): VendorCase {
  const named = wire.map(({ sends, ...order }) => ({
    ...order,
    sends: { ...sends, path: sends.path.replace(':model', id) },
  }))
  return { ...rest, wire: named }
}

const kontext: VendorCase = {
  lengthy: { input: { prompt: 'make it night slow:300ms' } },
  wire: [
    {
      input: { ...common, aspect_ratio: '9:16', prompt_upsampling: true },
      references: { image: photo },
      sends: {
        path: '/v1/:model',
        json: { ...common, aspect_ratio: '9:16', prompt_upsampling: true, input_image: photo64 },
      },
    },
  ],
  illegal: [...illegal, ...withoutSize],
}

vendorPluginSuite(plugin, {
  Fake: FakeBfl,
  models: {
    ...like(['flux-2-pro', 'flux-2-max'], (id) => of(id, second(8))),
    ...like(['flux-2-klein-9b', 'flux-2-klein-4b'], (id) => of(id, second(4))),
    ...like(['flux-2-flex'], (id) =>
      of(id, second(8, { steps: 20, guidance: 3.5, prompt_upsampling: true }))
    ),
    ...like(['flux-kontext-pro', 'flux-kontext-max'], (id) => of(id, kontext)),
    'flux-pro-1.1-ultra': {
      lengthy: { input: { prompt: 'a boat slow:300ms' } },
      wire: [
        {
          input: { prompt: 'a boat' },
          sends: {
            path: '/v1/flux-pro-1.1-ultra',
            json: {
              ...{ prompt: 'a boat', aspect_ratio: '16:9', raw: false, prompt_upsampling: false },
              ...defaults,
            },
          },
        },
        {
          input: {
            ...{ ...common, aspect_ratio: '21:9', image_strength: 0.4 },
            ...{ raw: true, prompt_upsampling: true },
          },
          references: { image: photo },
          sends: {
            path: '/v1/flux-pro-1.1-ultra',
            json: {
              ...{ ...common, aspect_ratio: '21:9', raw: true, prompt_upsampling: true },
              ...{ image_prompt: photo64, image_prompt_strength: 0.4 },
            },
          },
        },
      ],
      illegal: [
        ...illegal,
        ...withoutSize,
        { input: { prompt: 'x', image_strength: 0.5 }, param: '/image', says: /required then/ },
        {
          input: { prompt: 'x', image: 'ast_1', image_strength: 1.5 },
          param: '/image_strength',
          says: /1/,
        },
      ],
    },
    'flux-pro-1.1': {
      lengthy: { input: { prompt: 'a boat slow:300ms', ...sides } },
      wire: [
        {
          input: { ...common, ...sides, prompt_upsampling: true },
          sends: {
            path: '/v1/flux-pro-1.1',
            json: { ...common, ...sides, prompt_upsampling: true },
          },
        },
      ],
      illegal: [
        ...illegal,
        { input: { prompt: 'x', width: 1456 }, param: '/width', says: /1440/ },
        { input: { prompt: 'x', height: 1008 }, param: '/height', says: /32/ },
      ],
    },
    'flux-pro-1.0-fill': {
      order: { references: { image: other, mask: other } },
      lengthy: {
        input: { prompt: 'a boat slow:300ms' },
        references: { image: other, mask: other },
      },
      wire: [
        {
          input: { ...common, prompt_upsampling: true },
          references: { image: other, mask: other },
          sends: {
            path: '/v1/flux-pro-1.0-fill',
            json: { ...common, prompt_upsampling: true, image: other64, mask: other64 },
          },
        },
      ],
      illegal: [
        { input: { image: 'ast_1', mask: 'ast_2' }, param: '/prompt', says: /required/ },
        { input: { prompt: 'x', image: 'ast_1' }, param: '/mask', says: /required/ },
        { input: { prompt: 'x', mask: 'ast_1' }, param: '/image', says: /required/ },
      ],
    },
  },
  troubles: {
    moderation: 'blocked_input',
    withheld: 'blocked_output',
    failed: 'provider_failed',
    balance: 'provider_balance',
    auth: 'provider_auth',
    concurrency: 'concurrency_full',
    retired: 'model_retired',
    invalid: 'invalid_input',
  },
  plays: ['empty', 'absurd'],
})
