import { test } from '@japa/runner'
import sharp from 'sharp'
import { drawing, newPicture, newStudio, PICTURE, type Body } from './studio.js'

/** The file of an output, fetched by its signed URL as a browser would: without a key. */
async function fileOf({ url }: Body) {
  const response = await fetch(url)
  const bytes = Buffer.from(await response.arrayBuffer())
  return { status: response.status, type: response.headers.get('content-type'), bytes }
}

test.group('Making a picture', () => {
  test('a caller who waits gets it done, charged, and with a file to open', async ({
    client,
    assert,
  }) => {
    const studio = await newStudio(client)

    const response = await studio.generate(drawing({ aspect_ratio: '16:9', seed: 7 }), {
      prefer: 'wait=60',
    })

    response.assertStatus(200)
    response.assertHeader('preference-applied', 'wait=60')
    const generation = response.body()
    response.assertHeader('daygen-cost', generation.cost.charged)
    response.assertHeader('location', `/v1/generations/${generation.id}`)
    assert.match(generation.id, /^gen_[0-9a-z]{26}$/)
    assert.containSubset(generation, {
      object: 'generation',
      status: 'succeeded',
      model: 'sandbox/image',
      provider: 'sandbox',
      kind: 'image',
      input: { prompt: 'a lighthouse', aspect_ratio: '16:9', n: 1, seed: 7, format: 'jpeg' },
      requested: 1,
      delivered: 1,
      progress: 1,
      error: null,
      cost: { held: '0' },
    })
    const [output, ...others] = generation.outputs
    assert.lengthOf(others, 0)
    assert.deepInclude(output, { content_type: 'image/jpeg', width: 1360, height: 768 })
    const { status, type, bytes } = await fileOf(output)
    const { width, height, format } = await sharp(bytes).metadata()
    assert.deepEqual([status, type, width, height, format], [200, 'image/jpeg', 1360, 768, 'jpeg'])
    assert.lengthOf(bytes, output.bytes)
  })

  test('a caller who does not wait learns where to look, and finds the same there', async ({
    client,
    assert,
  }) => {
    const studio = await newStudio(client)

    const response = await studio.generate({
      ...drawing(),
      metadata: { campaign: 'spring' },
      end_user: 'ann',
    })

    response.assertStatus(202)
    const accepted = response.body()
    response.assertHeader('location', `/v1/generations/${accepted.id}`)
    assert.containSubset(accepted, {
      status: 'queued',
      cost: { held: PICTURE, charged: null },
      metadata: { campaign: 'spring' },
      end_user: 'ann',
      delivered: null,
      outputs: [],
      finished_at: null,
    })
    const done = await studio.until(accepted.id, ({ status }) => status === 'succeeded')
    assert.sameMembers(Object.keys(done), Object.keys(accepted))
    for (const field of ['id', 'input', 'metadata', 'requested', 'created_at', 'deadline']) {
      assert.deepEqual(done[field], accepted[field])
    }
    assert.equal(done.cost.charged, PICTURE)
  })

  test('a wait that is too short is answered with where it is, and the work goes on', async ({
    client,
    assert,
  }) => {
    const studio = await newStudio(client)

    const response = await studio.generate(drawing({ prompt: 'a lake slow:1500ms' }), {
      prefer: 'wait=1',
    })

    response.assertStatus(202)
    response.assertHeader('retry-after', '2')
    assert.notProperty(response.headers(), 'preference-applied')
    const done = await studio.until(response.body().id, ({ status }) => status === 'succeeded')
    assert.equal(done.cost.charged, PICTURE)
  })

  test('several pictures are several outputs, in order', async ({ client, assert }) => {
    const studio = await newStudio(client)

    const generation = await studio.generated(drawing({ n: 3, seed: 1 }))

    assert.lengthOf(generation.outputs, 3)
    assert.equal(new Set(generation.outputs.map(({ asset }: Body) => asset)).size, 3)
    assert.equal(generation.delivered, 3)
  })

  test('the same prompt and seed are the same file, kept once', async ({ client, assert }) => {
    const studio = await newStudio(client)
    const one = await studio.generated(drawing({ seed: 5 }))
    const other = await studio.generated(drawing({ seed: 5 }))

    const files = await Promise.all([one, other].map(({ outputs }) => fileOf(outputs[0])))

    assert.isTrue(files[0].bytes.equals(files[1].bytes))
    assert.notEqual(one.outputs[0].asset, other.outputs[0].asset)
    assert.equal(new URL(one.outputs[0].url).pathname, new URL(other.outputs[0].url).pathname)
  })
})

test.group('Working on a picture', () => {
  test('resizing makes another size and another format of an uploaded one', async ({
    client,
    assert,
  }) => {
    const studio = await newStudio(client)
    const image = await newPicture(studio.id, 40, 30)

    const generation = await studio.generated({
      model: 'local/resize',
      input: { image, width: 20, format: 'webp' },
    })

    const [output] = generation.outputs
    assert.deepInclude(output, { content_type: 'image/webp', width: 20, height: 15 })
    const { bytes } = await fileOf(output)
    const { format } = await sharp(bytes).metadata()
    assert.equal(format, 'webp')
    assert.equal(generation.cost.charged, '0.003')
  })

  test('enlarging doubles each side, and costs what the larger picture has', async ({
    client,
    assert,
  }) => {
    const studio = await newStudio(client)
    const image = await newPicture(studio.id, 50, 20)

    const generation = await studio.generated({ model: 'local/esrgan-2x', input: { image } })

    assert.deepInclude(generation.outputs[0], { width: 100, height: 40, content_type: 'image/png' })
    // 4,000 pixels at $0.002 a megapixel, times 15.
    assert.equal(generation.cost.charged, '0.00012')
  })

  test('an output can be the reference of the next', async ({ client, assert }) => {
    const studio = await newStudio(client)
    const first = await studio.generated({
      model: 'local/resize',
      input: { image: await newPicture(studio.id), width: 12, height: 10 },
    })

    const second = await studio.generated({
      model: 'local/esrgan-2x',
      input: { image: first.outputs[0].asset },
    })

    assert.deepInclude(second.outputs[0], { width: 24, height: 20 })
  })
})
