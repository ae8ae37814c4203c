interface Model {
  id: string
  references: object
  price: { example: { input: Record<string, unknown> } }
}

/** A command that makes the first generation, with a model that needs no file, or lists the models. */
export function firstCall(url: string, models: Model[]): string {
  const model = models.find(({ references }) => Object.keys(references).length === 0)
  if (!model) return `curl -s ${url}/v1/models \\\n  -H 'Authorization: Bearer dg_live_…'`
  const body = JSON.stringify({ model: model.id, input: model.price.example.input })
  return [
    `curl -s ${url}/v1/generations`,
    `-H 'Authorization: Bearer dg_live_…'`,
    `-H 'Content-Type: application/json'`,
    `-H 'Prefer: wait=30'`,
    `-d '${body.replaceAll(`'`, `'\\''`)}'`,
  ].join(' \\\n  ')
}
