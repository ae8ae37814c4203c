import { fileTypeFromBuffer, fileTypeFromFile } from 'file-type'
import sharp from 'sharp'
import { sizeOf, type FileContent } from './file_content.js'
import { refuse, type FileRefusal, type FileRules } from './file_refusal.js'

export interface FileFacts {
  contentType: string
  bytes: number
  /** As people see the picture: turned as its EXIF orientation says. Not known of a film. */
  width?: number
  height?: number
  durationMs?: number
}

export type Inspection = { ok: true; facts: FileFacts } | { ok: false; refusal: FileRefusal }

interface Request {
  content: FileContent
  rules: FileRules
  /** What the sender says it is. */
  declaredType?: string
}

/** Finds out from the bytes alone what a file is, and whether it is one that is taken. */
export async function inspectFile({ content, rules, declaredType }: Request): Promise<Inspection> {
  const bytes = await sizeOf(content)
  if (bytes === 0) return refused(refuse.empty())
  if (bytes > rules.maxBytes) return refused(refuse.tooLarge(rules.maxBytes))
  const contentType = await sniff(content)
  if (!contentType) return refused(refuse.unknownType(rules))
  const declared = declaration(declaredType)
  if (declared && declared !== contentType)
    return refused(refuse.typeMismatch(declared, contentType))
  const facts = { contentType, bytes }
  const refusal = breach(facts, rules)
  if (refusal) return refused(refusal)
  return contentType.startsWith('image/')
    ? inspectPicture(content, facts, rules)
    : { ok: true, facts }
}

/** Which rule a file breaks, judged by what is known of it, or `null`. */
export function breach(
  facts: { contentType: string; bytes: number; width?: number | null; height?: number | null },
  rules: FileRules
): FileRefusal | null {
  if (!rules.contentTypes.includes(facts.contentType)) {
    return refuse.unsupportedType(facts.contentType, rules)
  }
  if (facts.bytes > rules.maxBytes) return refuse.tooLarge(rules.maxBytes)
  const pixels = (facts.width ?? 0) * (facts.height ?? 0)
  return pixels > rules.maxPixels ? refuse.tooManyPixels(pixels, rules.maxPixels) : null
}

export async function sniff(content: FileContent): Promise<string | undefined> {
  const type =
    'bytes' in content
      ? await fileTypeFromBuffer(content.bytes)
      : await fileTypeFromFile(content.path)
  return type?.mime
}

/** The header of a picture; `null` when there is none to read. */
export async function pictureHeader(content: FileContent) {
  try {
    const { autoOrient, pages = 1 } = await open(content, false).metadata()
    return { ...autoOrient, pixels: autoOrient.width * autoOrient.height * pages }
  } catch {
    return null
  }
}

async function inspectPicture(
  content: FileContent,
  facts: FileFacts,
  rules: FileRules
): Promise<Inspection> {
  const header = await pictureHeader(content)
  if (!header) return refused(refuse.unreadable(facts.contentType))
  const { width, height, pixels } = header
  // Before anything is decoded: this is what a bomb goes off by.
  if (pixels > rules.maxPixels) return refused(refuse.tooManyPixels(pixels, rules.maxPixels))
  if (!(await decodes(content, rules.maxPixels)))
    return refused(refuse.unreadable(facts.contentType))
  return { ok: true, facts: { ...facts, width, height } }
}

/**
 * Whether the picture is whole. A header says nothing about that: only who asks for the
 * last pixel makes the decoder go through all of them, without keeping them.
 */
async function decodes(content: FileContent, maxPixels: number): Promise<boolean> {
  try {
    const { width, height } = await open(content, maxPixels).metadata()
    await open(content, maxPixels)
      .extract({ left: width - 1, top: height - 1, width: 1, height: 1 })
      .raw()
      .toBuffer()
    return true
  } catch {
    return false
  }
}

function open(content: FileContent, limitInputPixels: number | false) {
  return sharp('bytes' in content ? content.bytes : content.path, {
    failOn: 'error',
    sequentialRead: true,
    limitInputPixels,
  })
}

/** A declared type as it compares. Whoever sends "some bytes" declares nothing. */
export function declaration(type: string | undefined): string | undefined {
  const bare = type?.split(';')[0].trim().toLowerCase()
  if (!bare || bare === 'application/octet-stream') return undefined
  return bare === 'image/jpg' ? 'image/jpeg' : bare
}

function refused(refusal: FileRefusal): Inspection {
  return { ok: false, refusal }
}
