import type { AddressInfo } from 'node:net'
import server from '@adonisjs/core/services/server'
import { newOperator } from '#tests/factories'

const FORM = 'application/x-www-form-urlencoded'

export interface Page {
  status: number
  /** Where it sends, as a path of this host. */
  location: string | null
  html: string
  headers: Headers
  /** What people read, without tags, in single spaces. */
  text: string
}

/** Somebody with a browser that runs no script: keeps cookies, and sends the token of the last form. */
export class Visitor {
  readonly cookies = new Map<string, string>()
  #token = ''

  get(path: string, headers: Record<string, string> = {}): Promise<Page> {
    return this.#send(path, { headers })
  }

  async post(path: string, fields: Record<string, string> = {}): Promise<Page> {
    if (!this.#token) await this.get('/login')
    const body = new URLSearchParams({ _csrf: this.#token, ...fields })
    return this.#send(path, { method: 'POST', body, headers: { 'content-type': FORM } })
  }

  /** Sends a file the way the page's script does. */
  upload(path: string, bytes: Uint8Array<ArrayBuffer>, type: string): Promise<Page> {
    const headers = { 'content-type': type, 'x-csrf-token': this.#token }
    return this.#send(path, { method: 'POST', body: bytes, headers })
  }

  async #send(path: string, init: RequestInit): Promise<Page> {
    const response = await fetch(new URL(path, here()), {
      ...init,
      redirect: 'manual',
      headers: { accept: 'text/html', ...(init.headers as object), cookie: this.#cookieHeader() },
    })
    for (const cookie of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(cookie)!
      this.cookies.set(name, value)
    }
    const html = await response.text()
    this.#token = /name='_csrf' value='([^']+)'/.exec(html)?.[1] ?? this.#token
    const location = response.headers.get('location')
    return {
      html,
      location,
      status: response.status,
      headers: response.headers,
      text: html
        .replace(/<[^>]+>/g, ' ')
        .replaceAll('&quot;', '"')
        .replaceAll('&#x27;', "'")
        .replace(/\s+/g, ' '),
    }
  }

  #cookieHeader(): string {
    return [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
  }
}

/** An operator who has just signed in. */
export async function newSignedInOperator() {
  const operator = await newOperator()
  const visitor = new Visitor()
  await visitor.post('/login', { email: operator.email, password: operator.password })
  return { ...operator, visitor }
}

/** The server of the tests listens where there is room. */
export function here(): string {
  const { address, port } = server.getNodeServer()!.address() as AddressInfo
  return `http://${address}:${port}`
}
