import { vendorPluginSuite, type VendorCase } from '#tests/contracts/vendor_plugin'
import { picture } from '#tests/fakes/vendor/media'
import plugin from '../plugin.js'
import FakeKling from './fake.js'

const first = await picture({ width: 400, height: 300 }, 'jpeg')
const last = await picture({ width: 400, height: 300 })

/** Each model, with what it alone has. */
function caseOf(id: string, own: { input: object; sends: object }): VendorCase {
  return {
    order: { input: { prompt: 'waves', seconds: 10 } },
    lengthy: { input: { prompt: 'waves slow:300ms' } },
    wire: [
      {
        input: {
          ...{ prompt: 'waves', negative_prompt: 'people', seconds: 10, aspect_ratio: '9:16' },
          ...own.input,
        },
        sends: {
          path: '/v1/videos/text2video',
          json: {
            ...{ model_name: `kling-${id}`, prompt: 'waves', negative_prompt: 'people' },
            ...{ mode: 'pro', duration: '10', aspect_ratio: '9:16' },
            ...own.sends,
            external_task_id: 'job_contract_1',
          },
        },
      },
      {
        input: { prompt: 'waves' },
        references: { image: first, end_image: last },
        sends: {
          path: '/v1/videos/image2video',
          json: {
            ...{ model_name: `kling-${id}`, prompt: 'waves', mode: 'pro', duration: '5' },
            ...('audio' in own.input && { sound: 'off' }),
            ...{ image: first.toString('base64'), image_tail: last.toString('base64') },
            external_task_id: 'job_contract_1',
          },
        },
      },
    ],
    illegal: [
      { input: {}, param: '/prompt', says: /required/ },
      { input: { prompt: 'x'.repeat(2_501) }, param: '/prompt', says: /2500/ },
      { input: { prompt: 'x', seconds: 7 }, param: '/seconds', says: /5/ },
      { input: { prompt: 'x', end_image: 'ast_1' }, param: '/image', says: /required then/ },
      {
        input: { prompt: 'x', image: 'ast_1', aspect_ratio: '1:1' },
        param: '/aspect_ratio',
        says: /Leave "aspect_ratio" out then/,
      },
      { input: { prompt: 'x', aspect_ratio: '4:3' }, param: '/aspect_ratio', says: /16:9/ },
      { input: { prompt: 'x', mode: 'std' }, param: '/mode', says: /not a field here/ },
    ],
  }
}

const silent = caseOf('v2-5-turbo', { input: {}, sends: {} })

vendorPluginSuite(plugin, {
  Fake: FakeKling,
  models: {
    'v2-6': caseOf('v2-6', { input: { audio: true }, sends: { sound: 'on' } }),
    'v2-5-turbo': {
      ...silent,
      illegal: [
        ...silent.illegal,
        { input: { prompt: 'x', audio: true }, param: '/audio', says: /not a field here/ },
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
