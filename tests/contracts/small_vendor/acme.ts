import { definePlugin, type ModelManifest } from '#core/plugins/define_plugin'
import {
  ModelProvider,
  type OutputLink,
  type ProviderAnswer,
  type ProviderCall,
  type Usage,
} from '#core/plugins/model_provider'
import type { VendorHttp } from '#core/plugins/vendor_http'
import { at, classifyPlainly, textAt, VendorRefusal, VendorSteps } from '#core/plugins/vendor_steps'
import { FakeVendor, type FakeAnswer, type FakeRoute } from '#tests/fakes/vendor/fake_vendor'
import { picture } from '#tests/fakes/vendor/media'

/** The smallest vendor there can be: it is asked, it is polled, and it keeps a picture for a while. */
const model: ModelManifest = {
  id: 'painter',
  title: 'Painter',
  description: 'Paints.',
  kind: 'image',
  lifecycle: { state: 'active' },
  capabilities: { cancel: false, maxOutputs: 1 },
  parameters: {
    type: 'object',
    properties: {
      prompt: { type: 'string', minLength: 1, title: 'Prompt', description: 'What to paint.' },
    },
    required: ['prompt'],
    additionalProperties: false,
  },
  references: {},
  execution: { shape: 'poll', timeoutMs: 5_000, deadlineMs: 60_000, maxAttempts: 2 },
  price: { version: '1', source: 'made up', rule: { flat: '0.01' } },
  output: { mime: ['image/png'], transport: 'url', ttlSeconds: 600 },
  example: { prompt: 'a boat' },
}

export class AcmeProvider extends ModelProvider {
  readonly #vendor: VendorSteps

  constructor(http: VendorHttp) {
    super()
    this.#vendor = new VendorSteps(http, 'Acme')
  }

  async submit({ input, signal }: ProviderCall): Promise<ProviderAnswer> {
    const { body } = await this.#vendor.json('submit', {
      ...{ method: 'POST', url: 'https://api.acme.com/v1/paintings', body: { json: input } },
      ...{ timeoutMs: 5_000, signal },
    })
    return { status: 'pending', handle: { id: textAt(body, 'id') }, pollAfterMs: 50 }
  }

  async poll({ signal }: ProviderCall, { id }: Record<string, unknown>): Promise<ProviderAnswer> {
    const url = `https://api.acme.com/v1/paintings/${String(id)}`
    const answer = await this.#vendor.json('poll', { method: 'GET', url, timeoutMs: 5_000, signal })
    const { body } = answer
    if (at(body, 'state') === 'working') {
      return { status: 'pending', handle: { id }, pollAfterMs: 50 }
    }
    const refusal = { vendor: 'Acme', step: 'poll', status: answer.status, body } as const
    if (at(body, 'state') === 'refused') throw new VendorRefusal(refusal)
    const outputs: OutputLink[] = [{ url: textAt(body, 'url')! }]
    return { status: 'done', outputs, raw: { id, outputs: 1 } }
  }

  classify(raw: unknown) {
    const isRefused = raw instanceof VendorRefusal && at(raw.body, 'state') === 'refused'
    return isRefused
      ? ({ class: 'blocked_input', message: 'Acme does not paint this.' } as const)
      : classifyPlainly(raw, 'Acme')
  }

  usage(): Usage {
    return { outputs: 1 }
  }
}

export const acme = definePlugin({
  id: 'acme',
  title: 'Acme',
  core: '^1',
  env: ['ACME_KEY'],
  auth: { kind: 'header', name: 'X-Key', secret: 'ACME_KEY' },
  hosts: { api: ['api.acme.com'], assets: ['cdn.acme.com'] },
  models: [model],
  provider: ({ http }) => new AcmeProvider(http),
})

interface Painting {
  readyAt: number
  trouble: string | null
  url: string
}

export class FakeAcme extends FakeVendor {
  readonly #paintings = new Map<string, Painting>()

  constructor() {
    super(acme)
  }

  protected readonly routes: FakeRoute[] = [
    {
      method: 'POST',
      path: '/v1/paintings',
      step: 'submit',
      answer: async ({ trouble, slowMs }) => {
        const id = `painting_${this.next()}`
        const bytes = await picture({ width: 32, height: 32 }, 'png', this.next())
        const url = this.keep(
          { bytes, contentType: 'image/png' },
          { host: 'cdn.acme.com', trouble }
        )
        this.#paintings.set(id, { readyAt: Date.now() + slowMs, trouble, url })
        return { json: { id } }
      },
    },
    {
      method: 'GET',
      path: '/v1/paintings/:id',
      step: 'poll',
      answer: ({ params }) => {
        const painting = this.#paintings.get(params.id)
        if (!painting) return this.complaint('not_found')
        if (Date.now() < painting.readyAt) return { json: { state: 'working' } }
        if (painting.trouble === 'moderation') return { json: { state: 'refused' } }
        return { json: { state: 'done', url: painting.url } }
      },
    },
  ]

  protected complaint(complaint: 'auth' | 'rate' | 'server' | 'not_found'): FakeAnswer {
    const status = { auth: 401, rate: 429, server: 503, not_found: 404 }[complaint]
    return { status, json: { error: complaint } }
  }
}
