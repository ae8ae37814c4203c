import {
  vendorPluginSuite,
  type IllegalCase,
  type VendorCase,
} from '#tests/contracts/vendor_plugin'
import plugin from '../plugin.js'
import FakeAlibaba from './fake.js'

const illegal: IllegalCase[] = [
  { input: {}, param: '/prompt', says: /required/ },
  { input: { prompt: 'x'.repeat(801) }, param: '/prompt', says: /800/ },
  {
    input: { prompt: 'x', negative_prompt: 'x'.repeat(501) },
    param: '/negative_prompt',
    says: /500/,
  },
  { input: { prompt: 'x', seed: -1 }, param: '/seed', says: /0/ },
  { input: { prompt: 'x', size: '1024x1024' }, param: '/size', says: /x/ },
]

const FILMS = '/api/v1/services/aigc/video-generation/video-synthesis'

const film = (model: string, more: Partial<VendorCase> = {}): VendorCase => ({
  order: { input: { prompt: 'waves', size: '480x832' } },
  lengthy: { input: { prompt: 'waves slow:300ms' } },
  wire: [
    {
      input: {
        ...{ prompt: 'waves', size: '832x480', seconds: 5, negative_prompt: 'gulls', seed: 7 },
        ...{ prompt_extend: false, watermark: true },
      },
      sends: {
        path: FILMS,
        headers: { 'x-dashscope-async': 'enable' },
        json: {
          model,
          input: { prompt: 'waves', negative_prompt: 'gulls' },
          parameters: {
            ...{ size: '832*480', prompt_extend: false, watermark: true, seed: 7, duration: 5 },
            ...(model === 'wan2.5-t2v-preview' && { audio: true }),
          },
        },
      },
    },
  ],
  illegal: [...illegal, { input: { prompt: 'x', seconds: 7 }, param: '/seconds', says: /5/ }],
  ...more,
})

const troubles = {
  moderation: 'blocked_input',
  withheld: 'blocked_output',
  balance: 'provider_balance',
  daily: 'quota_daily',
  auth: 'provider_auth',
  retired: 'model_retired',
  invalid: 'invalid_input',
} as const

const wan25 = film('wan2.5-t2v-preview')

vendorPluginSuite(plugin, {
  Fake: FakeAlibaba,
  models: {
    'qwen-image': {
      order: { input: { prompt: 'a sign', size: '928x1664' } },
      lengthy: { input: { prompt: 'a sign slow:300ms' } },
      troubles: { ...troubles, failed: 'transient_before_accept' },
      wire: [
        {
          input: {
            ...{ prompt: 'a sign', size: '1472x1104', negative_prompt: 'people', seed: 3 },
            ...{ prompt_extend: false, watermark: true },
          },
          sends: {
            path: '/api/v1/services/aigc/multimodal-generation/generation',
            json: {
              model: 'qwen-image',
              input: { messages: [{ role: 'user', content: [{ text: 'a sign' }] }] },
              parameters: {
                ...{ size: '1472*1104', prompt_extend: false, watermark: true, seed: 3 },
                negative_prompt: 'people',
              },
            },
          },
        },
      ],
      illegal: [
        ...illegal,
        { input: { prompt: 'x', n: 2 }, param: '/n', says: /not a field here/ },
      ],
    },
    'wan2.2-t2v-plus': film('wan2.2-t2v-plus', {
      illegal: [
        ...illegal,
        { input: { prompt: 'x', seconds: 10 }, param: '/seconds', says: /5/ },
        { input: { prompt: 'x', audio: true }, param: '/audio', says: /not a field here/ },
      ],
    }),
    'wan2.5-t2v-preview': {
      ...wan25,
      wire: [
        ...wan25.wire,
        {
          input: { prompt: 'waves', seconds: 10, audio: false },
          sends: {
            path: FILMS,
            json: {
              model: 'wan2.5-t2v-preview',
              input: { prompt: 'waves' },
              parameters: {
                ...{ size: '832*480', prompt_extend: true, watermark: false },
                ...{ duration: 10, audio: false },
              },
            },
          },
        },
      ],
    },
  },
  troubles: { ...troubles, failed: 'provider_failed' },
  plays: ['empty', 'absurd'],
})
