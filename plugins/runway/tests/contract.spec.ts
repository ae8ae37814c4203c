import { like, vendorPluginSuite, type VendorCase } from '#tests/contracts/vendor_plugin'
import { picture } from '#tests/fakes/vendor/media'
import plugin from '../plugin.js'
import FakeRunway from './fake.js'

const photo = await picture({ width: 64, height: 48 }, 'jpeg')
const square = await picture({ width: 64, height: 64 })
const uri = `data:image/jpeg;base64,${photo.toString('base64')}`
const second = `data:image/png;base64,${square.toString('base64')}`

const image = (id: string): VendorCase => ({
  order: { input: { prompt: 'two boats', size: '960x720' }, references: { 'images/0': photo } },
  lengthy: {
    input: { prompt: 'a boat slow:300ms', size: '720x720' },
    references: { 'images/0': photo },
  },
  wire: [
    {
      input: { prompt: '@image_1 at sea', size: '1920x1080', seed: 7, public_figures: 'low' },
      references: { 'images/0': photo, 'images/1': square },
      sends: {
        path: '/v1/text_to_image',
        headers: { 'x-runway-version': '2024-11-06' },
        json: {
          model: id.replaceAll('-', '_'),
          promptText: '@image_1 at sea',
          ratio: '1920:1080',
          seed: 7,
          contentModeration: { publicFigureThreshold: 'low' },
          referenceImages: [
            { uri, tag: 'image_1' },
            { uri: second, tag: 'image_2' },
          ],
        },
      },
    },
  ],
  illegal: [
    { input: { images: ['ast_1'] }, param: '/prompt', says: /required/ },
    {
      input: { prompt: 'x'.repeat(1_001), images: ['ast_1'] },
      param: '/prompt',
      says: /1000/,
    },
    {
      input: { prompt: 'x', images: ['ast_1'], size: '1000x1000' },
      param: '/size',
      says: /1280x720/,
    },
    {
      input: { prompt: 'x', images: ['a', 'b', 'c', 'd'] },
      param: '/images',
      says: /3/,
    },
    { input: { prompt: 'x', images: ['ast_1'], seed: -1 }, param: '/seed', says: /0/ },
  ],
})

vendorPluginSuite(plugin, {
  Fake: FakeRunway,
  models: {
    ...like(['gen4-image', 'gen4-image-turbo'], image),
    'gen4-turbo': {
      order: {
        input: { prompt: 'waves', size: '960x960', seconds: 2 },
        references: { image: photo },
      },
      lengthy: {
        input: { prompt: 'waves slow:300ms', size: '1280x720', seconds: 2 },
        references: { image: photo },
      },
      wire: [
        {
          input: {
            ...{ prompt: 'waves', size: '832x1104', seconds: 3 },
            ...{ seed: 9, public_figures: 'auto' },
          },
          references: { image: photo },
          sends: {
            path: '/v1/image_to_video',
            json: {
              model: 'gen4_turbo',
              promptText: 'waves',
              promptImage: [{ uri, position: 'first' }],
              ratio: '832:1104',
              duration: 3,
              seed: 9,
              contentModeration: { publicFigureThreshold: 'auto' },
            },
          },
        },
      ],
      illegal: [
        { input: { prompt: 'x' }, param: '/image', says: /required/ },
        { input: { image: 'ast_1', seconds: 11 }, param: '/seconds', says: /10/ },
        { input: { image: 'ast_1', seconds: 1 }, param: '/seconds', says: /2/ },
        { input: { image: 'ast_1', size: '1920x1080' }, param: '/size', says: /1280x720/ },
      ],
    },
  },
  troubles: {
    moderation: 'blocked_input',
    withheld: 'blocked_output',
    failed: 'provider_failed',
    balance: 'provider_balance',
    auth: 'provider_auth',
    daily: 'quota_daily',
    invalid: 'invalid_input',
  },
  plays: ['empty', 'absurd'],
})
