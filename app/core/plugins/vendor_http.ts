/** How a vendor wants to know us. Values are names of secrets, never secrets. */
export type VendorAuth =
  | { kind: 'none' }
  /** `Authorization: Bearer <secret>`. */
  | { kind: 'bearer'; secret: string }
  /** `<name>: <secret>`. */
  | { kind: 'header'; name: string; secret: string }
  /** `Authorization: <prefix> <secret>`. */
  | { kind: 'key-prefix'; prefix: string; secret: string }
  /** `Authorization: Bearer <token>`, a short-lived token of our own that is signed with `secretKey`. */
  | { kind: 'jwt-hs256'; accessKey: string; secretKey: string }

/** Where a vendor may be reached. A name is a host, or `*.example.com` for all below one. */
export interface VendorHosts {
  api: string[]
  /** Where its files lie, beside `api`. */
  assets: string[]
}

/** What is needed to reach a vendor, and to be known by it. */
export interface VendorIdentity {
  /** For people. */
  title: string
  auth: VendorAuth
  secrets: Record<string, string>
  headers: Record<string, string>
  hosts: VendorHosts
  /** The origin of a fake on this machine that is asked in its stead. */
  fake: URL | null
}

/** A part of a form: a text, or a file. */
export type FormValue = string | { bytes: Uint8Array; filename: string; contentType: string }

export type VendorBody = { json: unknown } | { form: [name: string, value: FormValue][] }

export interface VendorRequest {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** https; its host must be one of the manifest's `hosts.api`. */
  url: string
  /** What the vendor wants beside its authentication, which the kernel adds from the manifest. */
  headers?: Record<string, string>
  body?: VendorBody
  /** For all of it: to connect, to send, and to hear the whole answer. */
  timeoutMs: number
  /** Of the answer. 32 MB where nothing is said. */
  maxBytes?: number
  signal: AbortSignal
}

export interface VendorResponse {
  status: number
  /** By lower-case name; several of one name are joined by a comma. */
  headers: Record<string, string>
  bytes: Uint8Array
  /** Throws `VendorAnswerUnreadable` when it is none. */
  json(): unknown
  text(): string
}

export interface VendorDownload {
  /** Its host, and that of all it redirects to, must be one of `hosts.assets` or `hosts.api`. */
  url: string
  headers?: Record<string, string>
  maxBytes: number
  timeoutMs: number
  signal: AbortSignal
  /** With the vendor's authentication. It stays with the first host and those of `hosts.api`. */
  authed?: boolean
}

export interface VendorFile {
  bytes: Uint8Array
  /** What the vendor says of it: it is looked at again before it is stored. */
  contentType: string
}

/**
 * What a plugin reaches its vendor with, and the only way out that it has. Addresses are checked and
 * pinned, answers are cut at their limit, and no error says a secret or an address.
 */
export abstract class VendorHttp {
  /**
   * One attempt, never retried: a submit that was heard twice is billed twice. A status of 400 and
   * above is an answer, and so is a redirect, which is not followed. Throws `VendorUnreachable`,
   * `VendorTimeout`, `VendorAnswerTooLarge`, `VendorHostRefused`, and the signal's reason.
   */
  abstract send(request: VendorRequest): Promise<VendorResponse>

  /** Fetches a file. Throws as `send` does, and `VendorDownloadFailed` for a status other than 200. */
  abstract download(request: VendorDownload): Promise<VendorFile>
}

/** No answer came, or not the whole of it. */
export class VendorUnreachable extends Error {
  readonly code = 'E_VENDOR_UNREACHABLE'
  /** `false`: surely nothing of the request has reached the vendor. */
  readonly sent: boolean
  /** The network's own word, such as `ECONNREFUSED`. */
  readonly reason: string

  constructor(vendor: string, { sent, reason }: { sent: boolean; reason: string }) {
    const what = sent ? 'broke off before it had answered' : 'could not be reached'
    super(`${vendor} ${what} (${reason}).`)
    this.sent = sent
    this.reason = reason
  }
}

/** It had the request, and did not answer in time. */
export class VendorTimeout extends Error {
  readonly code = 'E_VENDOR_TIMEOUT'
  readonly sent = true

  constructor(vendor: string, timeoutMs: number) {
    super(`${vendor} did not answer within ${timeoutMs / 1000} seconds.`)
  }
}

export class VendorAnswerTooLarge extends Error {
  readonly code = 'E_VENDOR_ANSWER_TOO_LARGE'

  constructor(vendor: string, maxBytes: number) {
    super(`${vendor} answered with more than ${maxBytes} bytes.`)
  }
}

/** The address is none that this vendor may be reached at. Nothing was sent to it. */
export class VendorHostRefused extends Error {
  readonly code = 'E_VENDOR_HOST_REFUSED'

  constructor(vendor: string, why: string) {
    super(`${vendor} was not asked: ${why}`)
  }
}

export class VendorAnswerUnreadable extends Error {
  readonly code = 'E_VENDOR_ANSWER_UNREADABLE'

  constructor(vendor: string) {
    super(`${vendor} answered with something that is no JSON.`)
  }
}

export class VendorDownloadFailed extends Error {
  readonly code = 'E_VENDOR_DOWNLOAD_FAILED'
  /** `null` where it redirected too often. */
  readonly status: number | null

  constructor(vendor: string, status: number | null) {
    const what = status === null ? 'redirects too often' : `answers with status ${status}`
    super(`A file of ${vendor} cannot be fetched: it ${what}.`)
    this.status = status
  }
}
