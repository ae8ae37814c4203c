import {
  vendorPluginSuite,
  type IllegalCase,
  type VendorCase,
} from '#tests/contracts/vendor_plugin'
import { picture } from '#tests/fakes/vendor/media'
import plugin from '../plugin.js'
import FakeBytePlus from './fake.js'

const photo = await picture({ width: 640, height: 480 }, 'jpeg')
const square = await picture({ width: 320, height: 320 })
const uri = `data:image/jpeg;base64,${photo.toString('base64')}`
const second = `data:image/png;base64,${square.toString('base64')}`

const illegal: IllegalCase[] = [
  { input: {}, param: '/prompt', says: /required/ },
  { input: { prompt: 'x', n: 16 }, param: '/n', says: /15/ },
  { input: { prompt: 'x', size: '512x512' }, param: '/size', says: /2K/ },
  { input: { prompt: 'x', images: Array(11).fill('ast_1') }, param: '/images', says: /10/ },
  {
    input: { prompt: 'x', images: Array(10).fill('ast_1'), n: 6 },
    param: '/n',
    says: /15 at most.*at most 5/,
  },
  {
    input: { prompt: 'x', images: ['ast_1'], n: 15 },
    param: '/n',
    says: /at most 14/,
  },
]

const pictures = (wireId: string, more: object): VendorCase => ({
  order: { input: { prompt: 'two boats', n: 2 }, references: { 'images/0': photo } },
  lengthy: { input: { prompt: 'a boat slow:300ms' } },
  wire: [
    {
      input: { prompt: 'a boat', size: '4K', n: 1, watermark: true },
      sends: {
        path: '/api/v3/images/generations',
        json: {
          ...{ model: wireId, prompt: 'a boat', size: '4K', response_format: 'url' },
          ...{ watermark: true, sequential_image_generation: 'disabled', ...more },
        },
      },
    },
    {
      input: { prompt: 'both at sea', size: '2048x2048', n: 3 },
      references: { 'images/0': photo, 'images/1': square },
      sends: {
        path: '/api/v3/images/generations',
        json: {
          ...{ model: wireId, prompt: 'both at sea', size: '2048x2048', response_format: 'url' },
          ...{ watermark: false, sequential_image_generation: 'auto' },
          ...{ sequential_image_generation_options: { max_images: 3 }, image: [uri, second] },
          ...more,
        },
      },
    },
  ],
  illegal,
})

const standard = { optimize_prompt_options: { mode: 'standard' } }
const first = pictures('seedream-4-0-250828', standard)

vendorPluginSuite(plugin, {
  Fake: FakeBytePlus,
  models: {
    'seedream-4-0': {
      ...first,
      wire: [
        ...first.wire,
        {
          input: { prompt: 'a boat', size: '1K', optimize_prompt: 'fast' },
          sends: {
            path: '/api/v3/images/generations',
            json: {
              ...{ model: 'seedream-4-0-250828', prompt: 'a boat', size: '1K' },
              ...{ response_format: 'url', watermark: false },
              sequential_image_generation: 'disabled',
              optimize_prompt_options: { mode: 'fast' },
            },
          },
        },
      ],
    },
    'seedream-4-5': {
      ...pictures('seedream-4-5-251128', {}),
      illegal: [...illegal, { input: { prompt: 'x', size: '1K' }, param: '/size', says: /2K/ }],
    },
    'seedance-1-0-pro': {
      order: {
        input: { prompt: 'it sails off', resolution: '480p', aspect_ratio: '1:1' },
        references: { start_frame: photo },
      },
      lengthy: { input: { prompt: 'waves slow:300ms', resolution: '480p' } },
      wire: [
        {
          input: {
            ...{ prompt: 'waves', resolution: '480p', aspect_ratio: '9:16', seconds: 10 },
            ...{ seed: 5, camera_fixed: true, watermark: true },
          },
          references: { start_frame: photo, end_frame: square },
          sends: {
            path: '/api/v3/contents/generations/tasks',
            json: {
              model: 'seedance-1-0-pro-250528',
              content: [
                { type: 'text', text: 'waves' },
                { type: 'image_url', image_url: { url: uri }, role: 'first_frame' },
                { type: 'image_url', image_url: { url: second }, role: 'last_frame' },
              ],
              ...{ ratio: '9:16', resolution: '480p', duration: 10, seed: 5 },
              ...{ watermark: true, camera_fixed: true },
            },
          },
        },
      ],
      illegal: [
        { input: {}, param: '/prompt', says: /required/ },
        { input: { prompt: 'x', seconds: 6 }, param: '/seconds', says: /5/ },
        { input: { prompt: 'x', resolution: '4k' }, param: '/resolution', says: /480p/ },
        { input: { prompt: 'x', aspect_ratio: 'adaptive' }, param: '/aspect_ratio', says: /16:9/ },
        {
          input: { prompt: 'x', end_frame: 'ast_1' },
          param: '/start_frame',
          says: /required then/,
        },
      ],
    },
  },
  troubles: {
    moderation: 'blocked_input',
    withheld: 'blocked_output',
    failed: 'provider_failed',
    balance: 'provider_balance',
    daily: 'quota_daily',
    auth: 'provider_auth',
    retired: 'model_retired',
    invalid: 'invalid_input',
  },
  plays: ['empty', 'partial', 'absurd'],
})
