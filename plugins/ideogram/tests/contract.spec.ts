import { vendorPluginSuite, type IllegalCase } from '#tests/contracts/vendor_plugin'
import { picture } from '#tests/fakes/vendor/media'
import plugin from '../plugin.js'
import FakeIdeogram from './fake.js'

const photo = await picture({ width: 64, height: 48 }, 'jpeg')
const mask = await picture({ width: 64, height: 48 })

const illegal = (files: Record<string, string>): IllegalCase[] => [
  { input: { ...files }, param: '/prompt', says: /required/ },
  { input: { ...files, prompt: 'x', num_images: 5 }, param: '/num_images', says: /4/ },
  {
    input: { ...files, prompt: 'x', rendering_speed: 'FLASH' },
    param: '/rendering_speed',
    says: /TURBO/,
  },
  {
    input: { ...files, prompt: 'x', style_type: 'DESIGN', style_reference_images: ['ast_1'] },
    param: '/style_type',
    says: /style is that of the pictures/,
  },
  {
    input: { ...files, prompt: 'x', character_reference_images: ['ast_1', 'ast_2'] },
    param: '/character_reference_images',
    says: /1/,
  },
]

vendorPluginSuite(plugin, {
  Fake: FakeIdeogram,
  models: {
    'ideogram-v3': {
      order: { input: { prompt: 'two boats', rendering_speed: 'TURBO', num_images: 2 } },
      lengthy: { input: { prompt: 'one boat slow:300ms' } },
      wire: [
        {
          input: {
            ...{ prompt: 'a boat', aspect_ratio: '16x9', rendering_speed: 'QUALITY' },
            ...{ magic_prompt: 'OFF', negative_prompt: 'gulls', num_images: 3, seed: 11 },
            style_type: 'REALISTIC',
          },
          sends: {
            path: '/v1/ideogram-v3/generate',
            form: [
              ['prompt', 'a boat'],
              ['aspect_ratio', '16x9'],
              ['rendering_speed', 'QUALITY'],
              ['magic_prompt', 'OFF'],
              ['negative_prompt', 'gulls'],
              ['num_images', '3'],
              ['seed', '11'],
              ['style_type', 'REALISTIC'],
            ],
          },
        },
        {
          input: { prompt: 'a sailor' },
          references: {
            'style_reference_images/0': photo,
            'style_reference_images/1': mask,
            'character_reference_images/0': photo,
          },
          sends: {
            path: '/v1/ideogram-v3/generate',
            form: [
              ['prompt', 'a sailor'],
              ['aspect_ratio', '1x1'],
              ['rendering_speed', 'DEFAULT'],
              ['magic_prompt', 'AUTO'],
              ['num_images', '1'],
              ['style_reference_images', 'file image/jpeg'],
              ['style_reference_images', 'file image/png'],
              ['character_reference_images', 'file image/jpeg'],
            ],
          },
        },
      ],
      illegal: [
        ...illegal({}),
        { input: { prompt: 'x', aspect_ratio: '16:9' }, param: '/aspect_ratio', says: /16x9/ },
        { input: { prompt: 'x', image: 'ast_1' }, param: '/image', says: /not a field here/ },
      ],
    },
    'ideogram-v3-remix': {
      order: { input: { prompt: 'at night', num_images: 2 }, references: { image: photo } },
      lengthy: { input: { prompt: 'at night slow:300ms' }, references: { image: photo } },
      wire: [
        {
          input: {
            ...{ prompt: 'at night', aspect_ratio: '3x4', rendering_speed: 'TURBO' },
            ...{ magic_prompt: 'ON', negative_prompt: 'cars', num_images: 2, seed: 0 },
            ...{ style_type: 'FICTION', image_weight: 80 },
          },
          references: { 'image': photo, 'character_reference_images/0': mask },
          sends: {
            path: '/v1/ideogram-v3/remix',
            form: [
              ['prompt', 'at night'],
              ['aspect_ratio', '3x4'],
              ['rendering_speed', 'TURBO'],
              ['magic_prompt', 'ON'],
              ['negative_prompt', 'cars'],
              ['num_images', '2'],
              ['seed', '0'],
              ['style_type', 'FICTION'],
              ['image_weight', '80'],
              ['image', 'file image/jpeg'],
              ['character_reference_images', 'file image/png'],
            ],
          },
        },
        {
          input: { prompt: 'as an etching' },
          references: { 'image': mask, 'style_reference_images/0': photo },
          sends: {
            path: '/v1/ideogram-v3/remix',
            form: [
              ['prompt', 'as an etching'],
              ['aspect_ratio', '1x1'],
              ['rendering_speed', 'DEFAULT'],
              ['magic_prompt', 'AUTO'],
              ['num_images', '1'],
              ['image_weight', '50'],
              ['image', 'file image/png'],
              ['style_reference_images', 'file image/jpeg'],
            ],
          },
        },
      ],
      illegal: [
        ...illegal({ image: 'ast_0' }),
        { input: { prompt: 'x' }, param: '/image', says: /required/ },
        {
          input: { prompt: 'x', image: 'ast_0', image_weight: 0 },
          param: '/image_weight',
          says: /1/,
        },
      ],
    },
    'ideogram-v3-edit': {
      order: { input: { prompt: 'a red boat' }, references: { image: photo, mask } },
      lengthy: { input: { prompt: 'slow:300ms' }, references: { image: photo, mask } },
      wire: [
        {
          input: {
            ...{ prompt: 'a red boat', rendering_speed: 'QUALITY', magic_prompt: 'OFF' },
            ...{ num_images: 1, seed: 5, style_type: 'GENERAL' },
          },
          references: { 'image': photo, mask, 'character_reference_images/0': photo },
          sends: {
            path: '/v1/ideogram-v3/edit',
            form: [
              ['prompt', 'a red boat'],
              ['rendering_speed', 'QUALITY'],
              ['magic_prompt', 'OFF'],
              ['num_images', '1'],
              ['seed', '5'],
              ['style_type', 'GENERAL'],
              ['image', 'file image/jpeg'],
              ['mask', 'file image/png'],
              ['character_reference_images', 'file image/jpeg'],
            ],
          },
        },
        {
          input: { prompt: 'a hat' },
          references: { 'image': photo, mask, 'style_reference_images/0': mask },
          sends: {
            path: '/v1/ideogram-v3/edit',
            form: [
              ['prompt', 'a hat'],
              ['rendering_speed', 'DEFAULT'],
              ['magic_prompt', 'AUTO'],
              ['num_images', '1'],
              ['image', 'file image/jpeg'],
              ['mask', 'file image/png'],
              ['style_reference_images', 'file image/png'],
            ],
          },
        },
      ],
      illegal: [
        ...illegal({ image: 'ast_0', mask: 'ast_9' }),
        { input: { prompt: 'x', image: 'ast_0' }, param: '/mask', says: /required/ },
      ],
    },
  },
  troubles: {
    moderation: 'blocked_input',
    withheld: 'blocked_output',
    balance: 'provider_balance',
    daily: 'quota_daily',
    concurrency: 'concurrency_full',
    failed: 'provider_failed',
    auth: 'provider_auth',
    invalid: 'invalid_input',
  },
  plays: ['empty', 'partial'],
})
