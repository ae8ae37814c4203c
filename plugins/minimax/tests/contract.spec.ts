import { vendorPluginSuite } from '#tests/contracts/vendor_plugin'
import { picture } from '#tests/fakes/vendor/media'
import plugin from '../plugin.js'
import FakeMiniMax from './fake.js'

const first = await picture({ width: 400, height: 300 }, 'jpeg')
const last = await picture({ width: 400, height: 300 })

vendorPluginSuite(plugin, {
  Fake: FakeMiniMax,
  models: {
    'hailuo-02': {
      order: { input: { prompt: 'waves', seconds: 10, resolution: '512p' } },
      lengthy: { input: { prompt: 'waves slow:300ms' } },
      wire: [
        {
          input: { prompt: 'waves', prompt_optimizer: false, seconds: 10, resolution: '768p' },
          references: { image: first, end_image: last },
          sends: {
            path: '/v1/video_generation',
            json: {
              model: 'MiniMax-Hailuo-02',
              prompt: 'waves',
              prompt_optimizer: false,
              duration: 10,
              resolution: '768P',
              first_frame_image: `data:image/jpeg;base64,${first.toString('base64')}`,
              last_frame_image: `data:image/png;base64,${last.toString('base64')}`,
            },
          },
        },
        {
          input: { prompt: 'waves', resolution: '1080p' },
          sends: {
            path: '/v1/video_generation',
            json: {
              ...{ model: 'MiniMax-Hailuo-02', prompt: 'waves', prompt_optimizer: true },
              ...{ duration: 6, resolution: '1080P' },
            },
          },
        },
      ],
      illegal: [
        { input: {}, param: '/prompt', says: /required/ },
        { input: { prompt: 'x'.repeat(2_001) }, param: '/prompt', says: /2000/ },
        {
          input: { prompt: 'x', resolution: '1080p', seconds: 10 },
          param: '/seconds',
          says: /1080p films last six seconds/,
        },
        { input: { prompt: 'x', seconds: 8 }, param: '/seconds', says: /6/ },
        { input: { prompt: 'x', resolution: '4k' }, param: '/resolution', says: /768p/ },
        { input: { prompt: 'x', end_image: 'ast_1' }, param: '/image', says: /required then/ },
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
    invalid: 'invalid_input',
  },
  plays: ['empty'],
})
