import { like, vendorPluginSuite, type VendorCase } from '#tests/contracts/vendor_plugin'
import plugin from '../plugin.js'
import FakeElevenLabs from './fake.js'

const voice = 'JBFqnCBsd6RMkjVDRZzb'
const path = `/v1/text-to-speech/${voice}`

function speaking(longest: number, hasLanguage: boolean) {
  return (model: string): VendorCase => ({
    lengthy: { input: { text: 'Wait. slow:300ms', voice } },
    wire: [
      {
        input: {
          ...{ text: 'The tide.', voice, stability: 0.5, similarity_boost: 0, seed: 7 },
          ...{ output_format: 'mp3_22050_32', ...(hasLanguage && { language_code: 'en' }) },
        },
        sends: {
          path,
          json: {
            ...{ text: 'The tide.', model_id: model.replaceAll(/[-.]/g, '_'), seed: 7 },
            voice_settings: { stability: 0.5, similarity_boost: 0 },
            ...(hasLanguage && { language_code: 'en' }),
          },
        },
      },
      {
        input: { text: 'The tide.', voice },
        sends: { path, json: { text: 'The tide.', model_id: model.replaceAll(/[-.]/g, '_') } },
      },
    ],
    illegal: [
      { input: { voice }, param: '/text', says: /required/ },
      { input: { text: 'x' }, param: '/voice', says: /required/ },
      { input: { text: 'x', voice: '../voices?a=1' }, param: '/voice', says: /is not valid/ },
      { input: { text: 'x'.repeat(longest + 1), voice }, param: '/text', says: /0 characters/ },
      { input: { text: 'x', voice, stability: 1.1 }, param: '/stability', says: /1/ },
      {
        input: { text: 'x', voice, output_format: 'pcm_16000' },
        param: '/output_format',
        says: /mp3/,
      },
      hasLanguage
        ? {
            input: { text: 'x', voice, language_code: 'eng' },
            param: '/language_code',
            says: /is not valid/,
          }
        : {
            input: { text: 'x', voice, language_code: 'en' },
            param: '/language_code',
            says: /not a field here/,
          },
    ],
  })
}

vendorPluginSuite(plugin, {
  Fake: FakeElevenLabs,
  models: {
    ...like(['eleven-v3'], speaking(5_000, false)),
    ...like(['eleven-multilingual-v2'], speaking(10_000, false)),
    ...like(['eleven-flash-v2.5', 'eleven-turbo-v2.5'], speaking(40_000, true)),
  },
  troubles: {
    balance: 'provider_balance',
    auth: 'provider_auth',
    concurrency: 'concurrency_full',
    invalid: 'invalid_input',
    failed: 'invalid_input',
  },
  plays: ['empty'],
})
