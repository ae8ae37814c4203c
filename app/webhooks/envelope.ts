import settings from '#config/webhooks'
import { presentGeneration } from '#app/generations/presenters'
import type { GenerationView } from '#app/generations/queries/generation_query'
import { API_VERSIONS } from '#app/webhooks/event_types'

interface Event {
  id: string
  type: string
  seq: number
  occurredAt: Date
  apiVersion: string | null
}

/** What a webhook says, in the shape of its version. There is one so far. */
export function envelope(event: Event, data: unknown): string {
  return JSON.stringify({
    id: event.id,
    type: event.type,
    api_version: event.apiVersion ?? API_VERSIONS[0],
    created_at: event.occurredAt,
    seq: event.seq,
    data,
  })
}

/**
 * A generation for others' servers: without what was asked, which its owner knows and which need not
 * lie in the logs of either side, and with URLs that live as long as the tries do.
 */
export function generationData(view: GenerationView) {
  const { links, ...told } = presentGeneration(view, { urlLifetimeMs: settings.fileUrls })
  return { ...told, input: undefined, links: { self: links.self, receipt: links.receipt } }
}
