import { createServer, connect, type AddressInfo, type Socket } from 'node:net'
import { once } from 'node:events'

export interface Trips {
  /** How the connection names itself; nameless ones are those of the application's pool. */
  application: string
  statement: string
  count: number
}

/**
 * Between an application and its Postgres, counting what is waited for: a round trip is a Sync or a
 * simple Query, which Postgres answers by ReadyForQuery, whatever else was sent before it.
 */
export class Wire {
  readonly #trips = new Map<string, Trips>()

  private constructor(readonly url: string) {}

  static async start(lifetime: AsyncDisposableStack, databaseUrl: string): Promise<Wire> {
    const target = new URL(databaseUrl)
    const open = new Set<Socket>()
    const server = createServer((near) => {
      const far = connect(Number(target.port || 5432), target.hostname)
      const ear = new Ear((application, statement) => wire.#count(application, statement))
      near.setNoDelay(true).on('data', (part) => ear.hear(part))
      far.setNoDelay(true)
      near.pipe(far).pipe(near)
      for (const [one, other] of [
        [near, far],
        [far, near],
      ]) {
        open.add(one)
        one.on('error', () => other.destroy())
        one.on('close', () => {
          open.delete(one)
          other.destroy()
        })
      }
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    lifetime.defer(() => {
      for (const socket of open) socket.destroy()
      server.close()
    })
    const near = new URL(databaseUrl)
    near.hostname = '127.0.0.1'
    near.port = String((server.address() as AddressInfo).port)
    const wire = new Wire(near.href)
    return wire
  }

  /** What was counted since the last time, and begins anew. */
  take(): Trips[] {
    const trips = [...this.#trips.values()].sort((a, b) => b.count - a.count)
    this.#trips.clear()
    return trips
  }

  #count(application: string, statement: string) {
    const key = `${application} ${statement}`
    const known = this.#trips.get(key)
    if (known) known.count++
    else this.#trips.set(key, { application, statement, count: 1 })
  }
}

const LENGTH = 4

/** Reads what a client says to Postgres: https://www.postgresql.org/docs/current/protocol-message-formats.html */
class Ear {
  #heard: Buffer = Buffer.alloc(0)
  #application: string | null = null
  #statement = ''
  readonly #prepared = new Map<string, string>()

  constructor(private readonly count: (application: string, statement: string) => void) {}

  hear(part: Buffer) {
    this.#heard = Buffer.concat([this.#heard, part])
    for (;;) {
      // The first message has no type.
      const type = this.#application === null ? 0 : 1
      if (this.#heard.length < type + LENGTH) return
      const end = type + this.#heard.readInt32BE(type)
      if (this.#heard.length < end) return
      const body = this.#heard.subarray(type + LENGTH, end)
      if (type === 0) this.#startUp(body)
      else this.#message(String.fromCharCode(this.#heard[0]), body)
      this.#heard = this.#heard.subarray(end)
    }
  }

  #startUp(body: Buffer) {
    const words = body.toString('latin1', LENGTH).split('\0')
    this.#application = words[words.indexOf('application_name') + 1] ?? ''
    if (!words.includes('application_name')) this.#application = ''
  }

  #message(type: string, body: Buffer) {
    const words = () => body.toString('utf8').split('\0', 2)
    if (type === 'P') {
      const [name, text] = words()
      this.#prepared.set(name, text)
    } else if (type === 'B') {
      const [, name] = words()
      this.#statement = this.#prepared.get(name) ?? ''
    } else if (type === 'Q') {
      this.count(this.#application!, words()[0])
    } else if (type === 'S') {
      this.count(this.#application!, this.#statement)
    }
  }
}
