import app from '@adonisjs/core/services/app'
import type { ReferenceRule } from '#core/plugins/define_plugin'
import { createAsset } from '#app/assets/actions/create_asset'
import type { FileRules } from '#app/assets/file_refusal'
import { breach } from '#app/assets/inspect_file'
import { assetQuery, type Asset } from '#app/assets/queries/asset_query'
import { RemoteFiles } from '#app/assets/remote_files'
import assets from '#config/assets'

interface Request {
  accountId: string
  /** By parameter. */
  rules: Record<string, ReferenceRule>
  input: Record<string, unknown>
  createdBy: string
}

export interface ResolvedReference {
  assetId: string
  /** Of the content. */
  sha256: string
  contentType: string
  bytes: number
  /** 0 of a film. */
  width: number
  height: number
}

export interface ReferenceProblem {
  code: string
  /** A JSON pointer into the request. */
  param: string
  message: string
}

export type ResolvedInput =
  | {
      ok: true
      /** With URLs replaced by the assets they became. */
      input: Record<string, unknown>
      /** By parameter. */
      references: Record<string, ResolvedReference>
    }
  | { ok: false; problems: ReferenceProblem[] }

type Resolution =
  { ok: true; asset: Asset } | { ok: false; refusal: { type: string; message: string } }

/** Turns every file that an input names into an asset that fits the model, URLs by fetching them now. */
export async function resolveReferences(request: Request): Promise<ResolvedInput> {
  const wanted = Object.keys(request.rules).filter((param) => request.input[param] !== undefined)
  if (wanted.length === 0) return { ok: true, input: request.input, references: {} }
  const known = await resolveAll(
    wanted.filter((param) => !isUrl(request.input[param])),
    request,
    own
  )
  // What can be refused without a fetch is: no stranger's server is asked for nothing.
  if (known.problems.length > 0) return { ok: false, problems: known.problems }
  const remote = await resolveAll(
    wanted.filter((param) => isUrl(request.input[param])),
    request,
    fetched
  )
  if (remote.problems.length > 0) return { ok: false, problems: remote.problems }
  const references = { ...known.references, ...remote.references }
  const ids = Object.entries(references).map(([param, { assetId }]) => [param, assetId])
  return { ok: true, input: { ...request.input, ...Object.fromEntries(ids) }, references }
}

async function resolveAll(
  params: string[],
  request: Request,
  resolve: (value: string, rule: ReferenceRule, request: Request) => Promise<Resolution>
) {
  const references: Record<string, ResolvedReference> = {}
  const problems: ReferenceProblem[] = []
  await Promise.all(
    params.map(async (param) => {
      const resolution = await resolve(String(request.input[param]), request.rules[param], request)
      if (resolution.ok) references[param] = referenceTo(resolution.asset)
      else problems.push(problemOf(param, resolution.refusal))
    })
  )
  return { references, problems }
}

async function own(
  value: string,
  rule: ReferenceRule,
  { accountId }: Request
): Promise<Resolution> {
  if (!value.startsWith('ast_')) return { ok: false, refusal: notAFile(value) }
  const asset = await assetQuery(accountId, value)
  if (!asset) {
    const message = `There is no asset ${value} in this organisation. Upload the file to /v1/uploads first.`
    return { ok: false, refusal: { type: 'asset_not_found', message } }
  }
  const refusal = breach(asset, rulesOf(rule))
  return refusal ? { ok: false, refusal } : { ok: true, asset }
}

async function fetched(url: string, rule: ReferenceRule, request: Request): Promise<Resolution> {
  const rules = stricter(rulesOf(rule), assets.accepted)
  const remoteFiles = await app.container.make(RemoteFiles)
  const answer = await remoteFiles.fetch(url, rules)
  if (!answer.ok) return answer
  try {
    return await createAsset({
      accountId: request.accountId,
      createdBy: request.createdBy,
      content: answer.file,
      source: 'reference',
      rules,
    })
  } finally {
    await answer.file.remove()
  }
}

function isUrl(value: unknown): boolean {
  return /^https?:/i.test(String(value))
}

function notAFile(value: string): { type: string; message: string } {
  const mend =
    'Give the id of an asset (ast_…) or an https URL; POST /v1/uploads makes an asset of a file.'
  return /^data:/i.test(value)
    ? { type: 'reference_invalid', message: `A data: URL is not taken here. ${mend}` }
    : { type: 'reference_invalid', message: `This names no file. ${mend}` }
}

function problemOf(
  param: string,
  { type, message }: { type: string; message: string }
): ReferenceProblem {
  return { code: type, param: `/input/${param}`, message }
}

function rulesOf({ mime, maxBytes, maxMegapixels }: ReferenceRule): FileRules {
  return { contentTypes: mime, maxBytes, maxPixels: maxMegapixels * 1e6 }
}

function stricter(a: FileRules, b: FileRules): FileRules {
  return {
    contentTypes: a.contentTypes.filter((type) => b.contentTypes.includes(type)),
    maxBytes: Math.min(a.maxBytes, b.maxBytes),
    maxPixels: Math.min(a.maxPixels, b.maxPixels),
  }
}

function referenceTo({ id, sha256, contentType, bytes, width, height }: Asset): ResolvedReference {
  return { assetId: id, sha256, contentType, bytes, width: width ?? 0, height: height ?? 0 }
}
