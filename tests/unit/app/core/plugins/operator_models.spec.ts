import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from '@japa/runner'
import { operatorModels, type OperatorTerms } from '#core/plugins/operator_models'

const TERMS: OperatorTerms = {
  plugin: 'acme',
  variable: 'ACME_MODELS',
  calls: /^[a-z]+\/[a-z]+$/,
  example: 'owner/name',
  common: {
    cancel: true,
    execution: { shape: 'poll', deadlineMs: 60_000, maxAttempts: 2 },
    billedOn: { cancel: 'platform' },
    output: { transport: 'url', ttlSeconds: 600 },
  },
}

const entry = {
  calls: 'owner/painter',
  id: 'painter',
  title: 'Painter',
  description: 'Paints.',
  kind: 'image',
  parameters: {
    type: 'object',
    properties: { prompt: { type: 'string' }, image: { type: 'string' } },
    additionalProperties: false,
  },
  references: {
    image: { mime: ['image/png'], maxMegapixels: 4, maxBytes: 1_000_000, by: 'address' },
  },
  price: { version: '1', source: 'the page of the model', rule: { flat: '0.01' } },
  output: { mime: ['image/png'] },
  example: { prompt: 'a boat' },
}

test.group('Models that an operator lists', (group) => {
  let folder: string
  group.each.setup(async () => {
    folder = await mkdtemp(join(tmpdir(), 'models-'))
    return () => rm(folder, { recursive: true })
  })

  async function listed(text: unknown) {
    const path = join(folder, 'models.json')
    await writeFile(path, typeof text === 'string' ? text : JSON.stringify(text))
    return operatorModels(TERMS, path)
  }

  test('are manifests with what the vendor decides', async ({ assert }) => {
    const [{ calls, manifest, byAddress }] = await listed({
      models: [{ ...entry, deadlineSeconds: 90 }],
    })

    assert.equal(calls, 'owner/painter')
    assert.deepEqual(byAddress, ['image'])
    assert.deepEqual(manifest.capabilities, { maxOutputs: 1, cancel: true })
    assert.deepEqual(manifest.lifecycle, { state: 'active' })
    assert.deepEqual(manifest.execution, { shape: 'poll', deadlineMs: 90_000, maxAttempts: 2 })
    assert.deepEqual(manifest.output, { mime: ['image/png'], transport: 'url', ttlSeconds: 600 })
    assert.deepEqual(manifest.billedOn, { cancel: 'platform' })
    assert.notProperty(manifest.references.image, 'by')
  })

  test('stop the boot with a sentence where {title}')
    .with([
      { title: 'the file is no JSON', text: '{', says: /models\.json is no JSON/ },
      { title: 'it is empty', text: 'null', says: /lists no models/ },
      { title: 'there are none', text: { models: [] }, says: /lists no models/ },
      { title: 'one is no object', text: { models: [7] }, says: /model number 1: write an object/ },
      {
        title: 'a name is none',
        text: { models: [{ ...entry, calls: 'painter' }] },
        says: /model painter: "calls" .* owner\/name/,
      },
      {
        title: 'a field is unknown',
        text: { models: [{ ...entry, prise: 1 }] },
        says: /no field "prise"/,
      },
      {
        title: 'a file has no bounds',
        text: { models: [{ ...entry, references: { image: { mime: [] } } }] },
        says: /"references" says of each file/,
      },
      {
        title: 'there is no price',
        text: { models: [{ ...entry, price: undefined }] },
        says: /"price" is an object/,
      },
      {
        title: 'the price is none',
        text: { models: [{ ...entry, price: { ...entry.price, rule: { flat: 3 } } }] },
        says: /models\.painter\.price\.rule\.flat/,
      },
      {
        title: 'a field is of a wrong kind',
        text: { models: [{ ...entry, parameters: { type: 'object' } }] },
        says: /model painter: one of its fields is of a wrong kind|parameters/,
      },
    ])
    .run(async ({ assert }, { text, says }) => {
      await assert.rejects(() => listed(text), says)
    })

  test('stop the boot where the file is not there', ({ assert }) => {
    const path = join(folder, 'none.json')

    assert.throws(
      () => operatorModels(TERMS, path),
      /"acme", field "ACME_MODELS": .*none\.json cannot be read/
    )
  })
})
