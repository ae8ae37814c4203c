import { test } from '@japa/runner'
import { drawing, newStudio, PICTURE, type Body } from './studio.js'

test.group('The models', () => {
  test('are listed with what a form and a price need', async ({ client, assert }) => {
    const studio = await newStudio(client)

    const response = await studio.get('/v1/models')

    response.assertStatus(200)
    const { object, data } = response.body()
    assert.equal(object, 'list')
    const ids = data.map(({ id }: Body) => id)
    assert.includeMembers(ids, [
      'sandbox/image',
      'sandbox/video',
      'local/esrgan-2x',
      'local/resize',
    ])
    for (const model of data) {
      assert.containSubset(model, { object: 'model', lifecycle: { state: 'active' } })
      assert.equal(model.parameters.type, 'object')
      assert.match(model.price.example.credits, /^\d+(\.\d{1,6})?$/)
      assert.isAbove(model.limits.deadline_seconds, 0)
      assert.isNotEmpty(model.output.mime)
    }
  })

  test('are told one by one as in the list', async ({ client, assert }) => {
    const studio = await newStudio(client)
    const list = await studio.get('/v1/models')

    for (const model of list.body().data) {
      const response = await studio.get(`/v1/models/${model.id}`)
      assert.deepEqual(response.body(), model)
    }
  })

  test('give an example that is taken, at the price that is told', async ({ client, assert }) => {
    const studio = await newStudio(client)
    const response = await studio.get('/v1/models/sandbox/video')
    const { example } = response.body().price

    const { cost, outputs } = await studio.generated({
      model: 'sandbox/video',
      input: example.input,
    })

    assert.equal(cost.charged, example.credits)
    assert.containSubset(outputs, [{ content_type: 'video/mp4', duration_ms: 2000 }])
  })

  test('price an input as it is held', async ({ client, assert }) => {
    const studio = await newStudio(client)

    const { cost, id } = await studio.accepted(drawing({ prompt: 'slow:60s' }))

    assert.equal(cost.held, PICTURE)
    await studio.post(`/v1/generations/${id}/cancel`)
  })

  test('that are not there are met with what is near', async ({ client, assert }) => {
    const studio = await newStudio(client)

    const response = await studio.get('/v1/models/local/esrgan-2')

    response.assertStatus(404)
    response.assertBodyContains({ error: { code: 'model_not_found' } })
    assert.match(response.body().error.message, /Did you mean local\/esrgan-2x, /)
  })
})
