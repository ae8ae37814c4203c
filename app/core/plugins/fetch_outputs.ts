import type { OutputFile, ProviderOutput } from './model_provider.js'
import type { VendorHttp } from './vendor_http.js'

export interface FetchTerms {
  maxBytes: number
  /** Of each file. */
  timeoutMs: number
  signal: AbortSignal
}

/** The files of an answer, those that are links fetched from the vendor. Throws as `VendorHttp.download`. */
export async function fetchOutputs(
  http: VendorHttp,
  outputs: ProviderOutput[],
  terms: FetchTerms
): Promise<OutputFile[]> {
  const files: OutputFile[] = []
  for (const output of outputs) files.push(await fetched(http, output, terms))
  return files
}

async function fetched(
  http: VendorHttp,
  output: ProviderOutput,
  terms: FetchTerms
): Promise<OutputFile> {
  if ('bytes' in output) return output
  const { url, authed, durationMs } = output
  const { bytes, contentType } = await http.download({ ...terms, url, authed })
  // "image/png; charset=utf-8" is said by servers that do not care.
  return { bytes, contentType: contentType.split(';')[0].trim().toLowerCase(), durationMs }
}
