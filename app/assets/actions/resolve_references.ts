import app from '@adonisjs/core/services/app'
import type { ReferenceRule } from '#core/plugins/define_plugin'
import { filesOf, namedReferences, placed, type NamedReference } from '#core/plugins/references'
import { createAsset } from '#app/assets/actions/create_asset'
import type { FileRules } from '#app/assets/file_refusal'
import { breach } from '#app/assets/inspect_file'
import { assetsQuery, type Asset } from '#app/assets/queries/asset_query'
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
      /** By where the input names them: `image`, `images/0`. */
      references: Record<string, ResolvedReference>
    }
  | { ok: false; problems: ReferenceProblem[] }

type Resolution =
  { ok: true; asset: Asset } | { ok: false; refusal: { type: string; message: string } }

/** Turns every file that an input names into an asset that fits the model, URLs by fetching them now. */
export async function resolveReferences(request: Request): Promise<ResolvedInput> {
  const wanted = namedReferences(request.rules, request.input)
  if (wanted.length === 0) return { ok: true, input: request.input, references: {} }
  const ours = wanted.filter(({ value }) => !isUrl(value))
  const found = await assetsQuery(
    request.accountId,
    ours.map(({ value }) => String(value))
  )
  const known = await resolveAll(ours, request, async (value, rule) =>
    own(value, rule, found.get(value))
  )
  // What can be refused without a fetch is: no stranger's server is asked for nothing.
  if (known.problems.length > 0) return { ok: false, problems: known.problems }
  const remote = await resolveAll(
    wanted.filter(({ value }) => isUrl(value)),
    request,
    fetched
  )
  if (remote.problems.length > 0) return { ok: false, problems: remote.problems }
  const resolved = { ...known.references, ...remote.references }
  const references = Object.fromEntries(wanted.map(({ at }) => [at, resolved[at]]))
  const problems = misfits(request.rules, references)
  if (problems.length > 0) return { ok: false, problems }
  const ids = Object.entries(references).map(([at, { assetId }]) => [at, assetId])
  return { ok: true, input: placed(request.input, Object.fromEntries(ids)), references }
}

async function resolveAll(
  named: NamedReference[],
  request: Request,
  resolve: (value: string, rule: ReferenceRule, request: Request) => Promise<Resolution>
) {
  const references: Record<string, ResolvedReference> = {}
  const problems: ReferenceProblem[] = []
  await Promise.all(
    named.map(async ({ parameter, at, value }) => {
      const resolution = await resolve(String(value), request.rules[parameter], request)
      if (resolution.ok) references[at] = referenceTo(resolution.asset)
      else problems.push(problemOf(at, resolution.refusal))
    })
  )
  return { references, problems }
}

function own(value: string, rule: ReferenceRule, asset: Asset | undefined): Resolution {
  if (!value.startsWith('ast_')) return { ok: false, refusal: notAFile(value) }
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

/** What can only be told once all sizes are known. */
function misfits(
  rules: Request['rules'],
  references: Record<string, ResolvedReference>
): ReferenceProblem[] {
  return Object.entries(references).flatMap(([at, { width, height }]) => {
    const { minSide = 0, maxSide = Infinity, sameSizeAs } = rules[at.split('/')[0]]
    const other = sameSizeAs === undefined ? undefined : filesOf(references, sameSizeAs)[0]
    const size = `It has ${width}x${height} pixels`
    const problem = (message: string) => [problemOf(at, { type: 'reference_invalid', message })]
    if (other && (other.width !== width || other.height !== height)) {
      return problem(
        `${size}; it must have ${other.width}x${other.height}, as "${sameSizeAs}" has.`
      )
    }
    if (Math.min(width, height) < minSide) {
      return problem(`${size}; no side may be shorter than ${minSide}.`)
    }
    return Math.max(width, height) > maxSide
      ? problem(`${size}; no side may be longer than ${maxSide}.`)
      : []
  })
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
  at: string,
  { type, message }: { type: string; message: string }
): ReferenceProblem {
  return { code: type, param: `/input/${at}`, message }
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
