import { like, vendorPluginSuite, type VendorCase } from '#tests/contracts/vendor_plugin'
import { picture } from '#tests/fakes/vendor/media'
import plugin from '../plugin.js'
import FakeLuma from './fake.js'

const photo = await picture({ width: 64, height: 48 })
const url = 'https://files.example/reference'

const image = (id: string): VendorCase => ({
  order: { input: { prompt: 'two boats', output_format: 'png' } },
  lengthy: { input: { prompt: 'a boat slow:300ms' } },
  wire: [
    {
      input: {
        ...{ prompt: 'a boat', aspect_ratio: '21:9', output_format: 'jpeg', image_weight: 0.5 },
      },
      references: {
        ...{ 'images/0': photo, 'images/1': photo, 'style_image': photo },
        ...{ 'character_images/0': photo, 'source_image': photo },
      },
      sends: {
        path: '/dream-machine/v1/generations/image',
        json: {
          ...{ model: id, prompt: 'a boat', aspect_ratio: '21:9', format: 'jpg' },
          image_ref: [
            { url, weight: 0.5 },
            { url, weight: 0.5 },
          ],
          style_ref: [{ url }],
          character_ref: { identity0: { images: [url] } },
          modify_image_ref: { url },
        },
      },
    },
  ],
  illegal: [
    { input: {}, param: '/prompt', says: /required/ },
    { input: { prompt: 'xx' }, param: '/prompt', says: /3/ },
    { input: { prompt: 'a boat', aspect_ratio: '2:1' }, param: '/aspect_ratio', says: /16:9/ },
    {
      input: { prompt: 'a boat', image_weight: 0.5 },
      param: '/images',
      says: /required then/,
    },
    {
      input: { prompt: 'a boat', images: ['a', 'b', 'c', 'd', 'e'] },
      param: '/images',
      says: /4/,
    },
  ],
})

const video = (id: string): VendorCase => ({
  order: { input: { prompt: 'waves', seconds: 9, resolution: '540p' } },
  lengthy: { input: { prompt: 'waves slow:300ms' } },
  wire: [
    {
      input: {
        ...{ prompt: 'waves', aspect_ratio: '9:21', seconds: 9, resolution: '4k', loop: true },
      },
      references: { image: photo, end_image: photo },
      sends: {
        path: '/dream-machine/v1/generations/video',
        json: {
          ...{ model: id, prompt: 'waves', aspect_ratio: '9:21', duration: '9s' },
          ...{ resolution: '4k', loop: true },
          keyframes: { frame0: { type: 'image', url }, frame1: { type: 'image', url } },
        },
      },
    },
  ],
  illegal: [
    { input: {}, param: '/prompt', says: /required/ },
    { input: { prompt: 'waves', seconds: 7 }, param: '/seconds', says: /5/ },
    { input: { prompt: 'waves', resolution: '360p' }, param: '/resolution', says: /540p/ },
    {
      input: { prompt: 'waves', output_format: 'png' },
      param: '/output_format',
      says: /not a field/,
    },
  ],
})

vendorPluginSuite(plugin, {
  Fake: FakeLuma,
  models: {
    ...like(['photon-1', 'photon-flash-1'], image),
    ...like(['ray-2', 'ray-flash-2'], video),
  },
  troubles: {
    moderation: 'blocked_input',
    withheld: 'blocked_output',
    failed: 'provider_failed',
    balance: 'provider_balance',
    auth: 'provider_auth',
    invalid: 'invalid_input',
  },
  plays: ['empty'],
})
