import type { OutputFile, ProviderCall, Usage } from '#core/plugins/model_provider'
import { filesOf } from '#core/plugins/references'
import { at, measureAt, textAt, type VendorAnswer } from '#core/plugins/vendor_steps'

/** What is kept of an answer: all but its pictures and its words. */
export interface ImageReport {
  outputs: number
  request_id?: string
  finish_reason?: string
  usage?: unknown
}

/** The body of `generateContent`. What is left out of `imageConfig` the model chooses. */
export async function toContent({ input, references }: ProviderCall) {
  const pictures = await Promise.all(
    filesOf(references, 'images').map(async ({ contentType, bytes }) => ({
      inline_data: {
        mime_type: contentType,
        data: Buffer.from(await bytes()).toString('base64'),
      },
    }))
  )
  return {
    contents: [{ parts: [{ text: input.prompt }, ...pictures] }],
    generationConfig: {
      responseModalities: ['TEXT', 'IMAGE'],
      imageConfig: {
        ...(input.aspect_ratio !== undefined && { aspectRatio: input.aspect_ratio }),
        imageSize: input.image_size,
      },
    },
  }
}

/**
 * The picture that was asked for, or none. Sketches that belong to the model's thoughts are no
 * result, and of several results, which nobody has asked for, the first one is delivered.
 */
export function toPictures({ body }: VendorAnswer): OutputFile[] {
  const found = partsOf(body).flatMap((part) => {
    const base64 = textAt(part, 'inlineData', 'data')
    const contentType = textAt(part, 'inlineData', 'mimeType')
    if (!base64 || !contentType?.startsWith('image/') || at(part, 'thought') === true) return []
    return [{ bytes: Buffer.from(base64, 'base64'), contentType }]
  })
  return found.slice(0, 1)
}

export function toImageReport({ body }: VendorAnswer, outputs: number): ImageReport {
  return {
    outputs,
    request_id: textAt(body, 'responseId'),
    finish_reason: textAt(body, 'candidates', 0, 'finishReason'),
    usage: at(body, 'usageMetadata'),
  }
}

/**
 * The tokens of `usageMetadata`. What a model thinks and writes beside its picture is text. Where
 * Google does not tell the two apart, all that came out is taken for the picture.
 */
export function imageUsage(raw: unknown): Usage {
  const outputs = measureAt(raw, 'outputs') ?? 0
  const metadata = at(raw, 'usage')
  const made = measureAt(metadata, 'candidatesTokenCount') ?? (outputs === 0 ? 0 : undefined)
  const providerRequestId = textAt(raw, 'request_id')
  if (made === undefined) return { outputs, providerRequestId }
  const sent = measureAt(metadata, 'promptTokenCount') ?? 0
  const imageIn = Math.min(sent, ofImages(at(metadata, 'promptTokensDetails')) ?? 0)
  const imageOut = ofImages(at(metadata, 'candidatesTokensDetails')) ?? (outputs > 0 ? made : 0)
  const thought = measureAt(metadata, 'thoughtsTokenCount') ?? 0
  return {
    outputs,
    tokens: {
      textIn: sent - imageIn,
      imageIn,
      imageOut,
      textOut: Math.max(0, made - imageOut) + thought,
    },
    providerRequestId,
  }
}

function partsOf(body: unknown): unknown[] {
  const candidates = at(body, 'candidates')
  return (Array.isArray(candidates) ? candidates : []).flatMap((candidate: unknown) => {
    const parts = at(candidate, 'content', 'parts')
    return Array.isArray(parts) ? (parts as unknown[]) : []
  })
}

function ofImages(details: unknown): number | undefined {
  if (!Array.isArray(details)) return undefined
  const found = details.filter((one: unknown) => textAt(one, 'modality') === 'IMAGE')
  if (found.length === 0) return undefined
  return found.reduce((sum: number, one) => sum + (measureAt(one, 'tokenCount') ?? 0), 0)
}
