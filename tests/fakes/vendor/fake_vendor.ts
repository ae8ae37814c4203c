import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { setTimeout as wait } from 'node:timers/promises'
import { jwtVerify } from 'jose'
import type { PluginManifest } from '#core/plugins/define_plugin'
import type { VendorStep } from '#core/plugins/vendor_steps'
import { slowIn, troubleIn, type Trouble, type TroublePlace } from './troubles.js'

/** A request as the fake's routes read it, and as tests look at it afterwards. */
export interface FakeCall {
  /** `null` of a file that is fetched. */
  step: VendorStep | null
  method: string
  /** The vendor's host that was asked. */
  host: string
  path: string
  /** The parts of the path that the route names. */
  params: Record<string, string>
  query: URLSearchParams
  /** By lower-case name. */
  headers: Record<string, string>
  body: Buffer
  /** What is to go wrong that the route has to play. */
  trouble: Trouble | null
  /** How long the work is to take. */
  slowMs: number
  json(): Record<string, unknown>
  /** The parts of a form in their order: a text, or a file with its bytes. */
  form(): Promise<[name: string, value: string | FormFile][]>
}

export interface FormFile {
  filename: string
  contentType: string
  bytes: Buffer
}

export interface FakeAnswer {
  /** 200 where nothing is said. */
  status?: number
  headers?: Record<string, string>
  json?: unknown
  bytes?: Uint8Array
  contentType?: string
}

export interface FakeRoute {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** `/v1/tasks/:id`. A part that is `*` at the end takes the rest. */
  path: string
  step: VendorStep
  answer(call: FakeCall): FakeAnswer | Promise<FakeAnswer>
}

/** What the vendor says in its own words. */
export type Complaint = 'auth' | 'rate' | 'server' | 'not_found'

interface Armed {
  trouble: Trouble
  at: TroublePlace
  times: number
}

interface Kept {
  bytes: Uint8Array
  contentType: string
  trouble: Trouble | null
  authed: boolean
}

const HUGE = 200 * 1024 * 1024
const PIECE = Buffer.alloc(1024 * 1024, 32)
/** Where nobody may be led to. */
const PRIVATE = 'http://169.254.169.254/latest/meta-data'

/**
 * A vendor on this machine: its routes in its own wire format, its authentication as the manifest
 * says, and trouble on request, armed by a test or asked for in the words of a request.
 */
export abstract class FakeVendor {
  /** In the order they came, files that are fetched included. */
  readonly calls: FakeCall[] = []
  /** For `env` and `optionalEnv` of the manifest: made up, and long enough to be searched for. */
  readonly secrets: Record<string, string>
  readonly #plugin: PluginManifest
  readonly #made = new Set<string>()
  readonly #files = new Map<string, Kept>()
  readonly #armed: Armed[] = []
  #server: Server | undefined
  #count = 0

  constructor(plugin: PluginManifest) {
    this.#plugin = plugin
    const names = [...plugin.env, ...(plugin.optionalEnv ?? [])]
    this.secrets = Object.fromEntries(names.map((name) => [name, `fake-${name}-5f0c1e77d2`]))
  }

  protected abstract readonly routes: FakeRoute[]

  /** A complaint as this vendor words it. */
  protected abstract complaint(complaint: Complaint, call: FakeCall): FakeAnswer

  /** Answers its address. */
  async start(port = 0): Promise<string> {
    this.#server = createServer((request, response) => void this.#handle(request, response))
    this.#server.listen(port, '127.0.0.1')
    await once(this.#server, 'listening')
    return this.url
  }

  async stop() {
    this.#server?.closeAllConnections()
    this.#server?.close()
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server!.address() as AddressInfo).port}`
  }

  /** The environment that leads the platform here. */
  environment(): Record<string, string> {
    const name = this.#plugin.id.toUpperCase().replaceAll('-', '_')
    return { ...this.secrets, [`${name}_BASE_URL`]: this.url }
  }

  /** Lets something go wrong the next time, or the next times, that this step is asked for. */
  arm(trouble: Trouble, { at = 'submit', times = 1 }: { at?: TroublePlace; times?: number } = {}) {
    this.#armed.push({ trouble, at, times })
  }

  /** Forgets what was asked and what was armed. What it has made it keeps. */
  forget() {
    this.calls.length = 0
    this.#armed.length = 0
  }

  callsTo(step: VendorStep): FakeCall[] {
    return this.calls.filter((call) => call.step === step)
  }

  /** Whether these bytes are a file that this vendor has handed over. */
  hasMade(bytes: Uint8Array): boolean {
    return this.#made.has(digest(bytes))
  }

  /** A number that is given once, for ids and shades. */
  protected next(): number {
    return ++this.#count
  }

  /** Notes a file that goes out in an answer. */
  protected made<Bytes extends Uint8Array>(bytes: Bytes): Bytes {
    this.#made.add(digest(bytes))
    return bytes
  }

  /** Keeps a file and answers its link at this host of the vendor. */
  protected keep(
    file: { bytes: Uint8Array; contentType: string },
    { host, trouble = null, authed = false }: KeepOptions
  ): string {
    const id = `file_${this.next()}`
    this.#files.set(id, { ...file, trouble, authed })
    return `https://${host}/files/${id}`
  }

  async #handle(request: IncomingMessage, response: ServerResponse) {
    try {
      const body = await buffer(request)
      const url = new URL(request.url!, this.url)
      const file = /^\/files\/(\w+)$/.exec(url.pathname)
      const found = file ? null : this.#route(request.method!, url.pathname)
      const call = callOf(request, url, body, found)
      this.calls.push(call)
      if (file) return await this.#serve(call, file[1], response)
      const { step } = call
      const isTrouble = step === 'submit' || step === 'prepare'
      const words = isTrouble ? body.toString('latin1') : ''
      call.slowMs = slowIn(words)
      call.trouble = (step && this.#take(step)) ?? troubleIn(words)
      await this.#answer(call, found, response)
    } catch (error) {
      // A fault of the fake itself: its test is told by an answer that no vendor gives.
      if (!response.headersSent) send(response, { status: 599, json: { fake: String(error) } })
      else response.destroy()
    }
  }

  async #answer(call: FakeCall, found: Found | null, response: ServerResponse) {
    if (!found) return send(response, this.complaint('not_found', call))
    if (!(await this.#isKnown(call))) return send(response, this.complaint('auth', call))
    switch (call.trouble) {
      case 'rate': {
        const { headers, ...answer } = this.complaint('rate', call)
        return send(response, { ...answer, headers: { 'retry-after': '2', ...headers } })
      }
      case 'server':
        return send(response, this.complaint('server', call))
      case 'garbled':
        return send(response, { bytes: Buffer.from('<html>busy'), contentType: 'text/html' })
      case 'huge':
        return pour(response, HUGE)
    }
    const answer = await found.route.answer(call)
    if (call.trouble === 'lost') return response.destroy()
    if (call.trouble === 'cut') return cut(response, answer)
    send(response, answer)
  }

  async #serve(call: FakeCall, id: string, response: ServerResponse) {
    const file = this.#files.get(id)
    const trouble = this.#take('file') ?? file?.trouble
    if (!file || trouble === 'expired')
      return send(response, { status: 403, bytes: Buffer.alloc(0) })
    if (file.authed && !(await this.#isKnown(call))) return send(response, { status: 401 })
    if (trouble === 'redirect')
      return send(response, { status: 302, headers: { location: PRIVATE } })
    if (trouble === 'oversize') return pour(response, HUGE * 10)
    this.made(file.bytes)
    send(response, file)
  }

  #route(method: string, path: string): Found | null {
    for (const route of this.routes) {
      const params = route.method === method ? match(route.path, path) : null
      if (params) return { route, params }
    }
    return null
  }

  #take(place: TroublePlace): Trouble | null {
    const armed = this.#armed.find(({ at, times }) => at === place && times > 0)
    if (!armed) return null
    armed.times--
    return armed.trouble
  }

  /** Whether it says who it is as the manifest promises. */
  async #isKnown({ headers }: FakeCall): Promise<boolean> {
    const { auth = { kind: 'none' }, headers: fixed = {} } = this.#plugin
    const { secrets } = this
    const all = Object.entries(fixed).every(
      ([name, value]) => headers[name.toLowerCase()] === value
    )
    switch (auth.kind) {
      case 'none':
        return all
      case 'bearer':
        return all && headers.authorization === `Bearer ${secrets[auth.secret]}`
      case 'header':
        return all && headers[auth.name.toLowerCase()] === secrets[auth.secret]
      case 'key-prefix':
        return all && headers.authorization === `${auth.prefix} ${secrets[auth.secret]}`
      case 'jwt-hs256': {
        const token = headers.authorization?.replace(/^Bearer /, '') ?? ''
        const key = new TextEncoder().encode(secrets[auth.secretKey])
        const issuer = secrets[auth.accessKey]
        return (
          all &&
          jwtVerify(token, key, { issuer }).then(
            () => true,
            () => false
          )
        )
      }
    }
  }
}

interface KeepOptions {
  host: string
  trouble?: Trouble | null
  /** Only for who says the key. */
  authed?: boolean
}

interface Found {
  route: FakeRoute
  params: Record<string, string>
}

/** For fakes of vendors that answer only when the work is done. */
export function working({ slowMs }: FakeCall): Promise<void> {
  return wait(slowMs)
}

function callOf(request: IncomingMessage, url: URL, body: Buffer, found: Found | null): FakeCall {
  const headers = Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [name, [value].flat().join(', ')])
  )
  return {
    step: found?.route.step ?? null,
    method: request.method!,
    host: headers['x-vendor-host'] ?? '',
    path: url.pathname,
    params: found?.params ?? {},
    query: url.searchParams,
    headers,
    body,
    trouble: null,
    slowMs: 0,
    json: () => JSON.parse(body.toString()) as Record<string, unknown>,
    form: () => formOf(headers['content-type'], body),
  }
}

async function formOf(contentType: string, body: Buffer): Promise<[string, string | FormFile][]> {
  const init = { headers: { 'content-type': contentType } }
  const data = await new Response(new Uint8Array(body), init).formData()
  return Promise.all(
    [...data].map(async ([name, value]): Promise<[string, string | FormFile]> => {
      if (typeof value === 'string') return [name, value]
      const bytes = Buffer.from(await value.arrayBuffer())
      return [name, { filename: value.name, contentType: value.type, bytes }]
    })
  )
}

function match(pattern: string, path: string): Record<string, string> | null {
  const [wanted, given] = [pattern.split('/'), path.split('/')]
  const params: Record<string, string> = {}
  for (const [n, part] of wanted.entries()) {
    if (part === '*') return { ...params, rest: given.slice(n).join('/') }
    if (part.startsWith(':') && given[n]) params[part.slice(1)] = given[n]
    else if (part !== given[n]) return null
  }
  return wanted.length === given.length ? params : null
}

function send(response: ServerResponse, answer: FakeAnswer) {
  const { status = 200, headers, json, bytes, contentType } = answer
  const type = json === undefined ? contentType : 'application/json'
  const body = json === undefined ? bytes : JSON.stringify(json)
  response.writeHead(status, { ...(type && { 'content-type': type }), ...headers }).end(body)
}

/** Promises all of it, sends half, and goes away. */
function cut(response: ServerResponse, { status = 200, json, bytes, headers }: FakeAnswer) {
  const body = Buffer.from(json === undefined ? (bytes ?? '') : JSON.stringify(json))
  response.writeHead(status, { ...headers, 'content-length': body.length })
  response.write(body.subarray(0, body.length / 2), () => response.destroy())
}

/** Never says how much it will be. */
function pour(response: ServerResponse, total: number) {
  response.writeHead(200, { 'content-type': 'application/json' })
  let sent = 0
  const more = () => {
    while (sent < total && !response.destroyed) {
      sent += PIECE.length
      if (!response.write(PIECE)) return response.once('drain', more)
    }
    response.end()
  }
  more()
}

function digest(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
