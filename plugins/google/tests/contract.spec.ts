import { like, vendorPluginSuite, type VendorCase } from '#tests/contracts/vendor_plugin'
import { picture } from '#tests/fakes/vendor/media'
import plugin from '../plugin.js'
import FakeGoogle from './fake.js'

const photo = await picture({ width: 64, height: 48 }, 'jpeg')
const square = await picture({ width: 64, height: 64 })
const base64 = (bytes: Buffer) => bytes.toString('base64')

const drawing = (model: string): VendorCase => ({
  lengthy: { input: { prompt: 'one boat slow:300ms' } },
  wire: [
    {
      input: { prompt: 'a boat', aspect_ratio: '16:9', image_size: '2K' },
      sends: {
        path: `/v1beta/models/${model}:generateContent`,
        json: {
          contents: [{ parts: [{ text: 'a boat' }] }],
          generationConfig: {
            responseModalities: ['TEXT', 'IMAGE'],
            imageConfig: { aspectRatio: '16:9', imageSize: '2K' },
          },
        },
      },
    },
    {
      input: { prompt: 'a red hull' },
      references: { 'images/0': photo, 'images/1': square },
      sends: {
        path: `/v1beta/models/${model}:generateContent`,
        json: {
          contents: [
            {
              parts: [
                { text: 'a red hull' },
                { inline_data: { mime_type: 'image/jpeg', data: base64(photo) } },
                { inline_data: { mime_type: 'image/png', data: base64(square) } },
              ],
            },
          ],
          generationConfig: {
            responseModalities: ['TEXT', 'IMAGE'],
            imageConfig: { imageSize: '1K' },
          },
        },
      },
    },
  ],
  illegal: [
    { input: {}, param: '/prompt', says: /required/ },
    { input: { prompt: 'x', image_size: '8K' }, param: '/image_size', says: /4K/ },
    { input: { prompt: 'x', aspect_ratio: '7:3' }, param: '/aspect_ratio', says: /21:9/ },
    { input: { prompt: 'x', n: 2 }, param: '/n', says: /not a field here/ },
    { input: { prompt: 'x', images: [] }, param: '/images', says: /fewer than 1/ },
  ],
  troubles: {
    moderation: 'blocked_input',
    withheld: 'blocked_output',
    balance: 'provider_balance',
    auth: 'provider_auth',
    retired: 'model_retired',
    daily: 'quota_daily',
    invalid: 'invalid_input',
  },
})

const SUBJECTS = ['asset_1', 'asset_2']

function filming(wireId: string, subjects: boolean): VendorCase {
  const path = `/v1beta/models/${wireId}:predictLongRunning`
  const inline = (bytes: Buffer, type: string) => ({
    bytesBase64Encoded: base64(bytes),
    mimeType: `image/${type}`,
  })
  return {
    lengthy: { input: { prompt: 'one boat slow:300ms', duration_seconds: 4 } },
    wire: [
      {
        input: {
          ...{ prompt: 'a boat', negative_prompt: 'people', aspect_ratio: '9:16' },
          ...{ resolution: '720p', duration_seconds: 6 },
        },
        references: { image: photo, last_frame: square },
        sends: {
          path,
          json: {
            instances: [
              { prompt: 'a boat', image: inline(photo, 'jpeg'), lastFrame: inline(square, 'png') },
            ],
            parameters: {
              ...{ sampleCount: 1, durationSeconds: 6, aspectRatio: '9:16', resolution: '720p' },
              negativePrompt: 'people',
            },
          },
        },
      },
      ...(subjects
        ? [
            {
              input: { prompt: 'a boat' },
              references: { 'reference_images/0': photo, 'reference_images/1': square },
              sends: {
                path,
                json: {
                  instances: [
                    {
                      prompt: 'a boat',
                      referenceImages: [
                        { image: inline(photo, 'jpeg'), referenceType: 'asset' },
                        { image: inline(square, 'png'), referenceType: 'asset' },
                      ],
                    },
                  ],
                  parameters: {
                    ...{ sampleCount: 1, durationSeconds: 8, aspectRatio: '16:9' },
                    ...{ resolution: '720p', personGeneration: 'allow_adult' },
                  },
                },
              },
            },
          ]
        : []),
    ],
    illegal: [
      { input: {}, param: '/prompt', says: /required/ },
      { input: { prompt: 'x', duration_seconds: 5 }, param: '/duration_seconds', says: /6/ },
      {
        input: { prompt: 'x', resolution: '1080p', duration_seconds: 4 },
        param: '/duration_seconds',
        says: /must be 8 then/,
      },
      { input: { prompt: 'x', last_frame: 'ast_1' }, param: '/image', says: /required then/ },
      { input: { prompt: 'x', seed: 7 }, param: '/seed', says: /not a field here/ },
      ...(subjects
        ? [
            {
              input: { prompt: 'x', reference_images: SUBJECTS, image: 'ast_1' },
              param: '/image',
              says: /Leave "image" out then/,
            },
            {
              input: { prompt: 'x', reference_images: SUBJECTS, duration_seconds: 4 },
              param: '/duration_seconds',
              says: /must be 8 then/,
            },
            {
              input: { prompt: 'x', reference_images: SUBJECTS, aspect_ratio: '9:16' },
              param: '/aspect_ratio',
              says: /must be 16:9 then/,
            },
          ]
        : [{ input: { prompt: 'x', resolution: '4k' }, param: '/resolution', says: /1080p/ }]),
    ],
    troubles: {
      withheld: 'blocked_output',
      failed: 'provider_failed',
      invalid: 'invalid_input',
      balance: 'provider_balance',
      auth: 'provider_auth',
      retired: 'model_retired',
      daily: 'quota_daily',
    },
  }
}

vendorPluginSuite(plugin, {
  Fake: FakeGoogle,
  models: {
    ...like(['gemini-3.1-flash-image', 'gemini-3-pro-image'], drawing),
    'veo-3.1-generate': filming('veo-3.1-generate-preview', true),
    'veo-3.1-fast': filming('veo-3.1-fast-generate-preview', true),
    'veo-3.1-lite': filming('veo-3.1-lite-generate-preview', false),
  },
  troubles: {},
  plays: ['empty', 'absurd'],
})
