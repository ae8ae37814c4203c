import {
  vendorPluginSuite,
  type IllegalCase,
  type VendorCase,
  type WireCase,
} from '#tests/contracts/vendor_plugin'
import { picture } from '#tests/fakes/vendor/media'
import plugin from '../plugin.js'
import FakePixVerse from './fake.js'

const photo = await picture({ width: 640, height: 360 }, 'jpeg')

const illegal: IllegalCase[] = [
  { input: {}, param: '/prompt', says: /required/ },
  { input: { prompt: 'x'.repeat(2049) }, param: '/prompt', says: /2048/ },
  { input: { prompt: 'x', quality: '1080p' }, param: '/quality', says: /720p/ },
  { input: { prompt: 'x', aspect_ratio: '21:9' }, param: '/aspect_ratio', says: /16:9/ },
  {
    input: { prompt: 'x', image: 'ast_1', aspect_ratio: '1:1' },
    param: '/aspect_ratio',
    says: /shape of its first picture/,
  },
]

const wire = (model: string, seconds: number): WireCase[] => [
  {
    input: {
      ...{ prompt: 'waves', aspect_ratio: '9:16', quality: '720p', seconds, seed: 9 },
      negative_prompt: 'gulls',
    },
    sends: {
      path: '/openapi/v2/video/text/generate',
      json: {
        ...{ model, prompt: 'waves', quality: '720p', duration: seconds, aspect_ratio: '9:16' },
        ...{ negative_prompt: 'gulls', seed: 9 },
      },
    },
  },
  {
    input: { prompt: 'waves' },
    sends: {
      path: '/openapi/v2/video/text/generate',
      json: { model, prompt: 'waves', quality: '540p', duration: 5, aspect_ratio: '16:9' },
    },
  },
]

const film = (model: string, seconds: number): VendorCase => ({
  order: { input: { prompt: 'it sails off', quality: '360p' }, references: { image: photo } },
  lengthy: { input: { prompt: 'waves slow:300ms', quality: '360p' } },
  wire: wire(model, seconds),
  illegal,
})

const v6 = film('v6', 3)
const v5 = film('v5', 8)

/** That a picture is on the wire is shown in uploads.spec.ts: its number is another each time. */
const pictured: WireCase = {
  input: { prompt: 'it sails off', quality: '360p', seconds: 5 },
  references: { image: photo },
  sends: { path: '/openapi/v2/video/img/generate' },
}

vendorPluginSuite(plugin, {
  Fake: FakePixVerse,
  models: {
    'pixverse-v6': {
      ...v6,
      wire: [...v6.wire, pictured],
      illegal: [...illegal, { input: { prompt: 'x', seconds: 16 }, param: '/seconds', says: /15/ }],
    },
    'pixverse-v5': {
      ...v5,
      wire: [...v5.wire, pictured],
      illegal: [...illegal, { input: { prompt: 'x', seconds: 6 }, param: '/seconds', says: /5/ }],
    },
  },
  troubles: {
    withheld: 'blocked_output',
    failed: 'provider_failed',
    balance: 'provider_balance',
    concurrency: 'concurrency_full',
    auth: 'provider_auth',
    invalid: 'invalid_input',
  },
  plays: ['empty', 'absurd'],
})
