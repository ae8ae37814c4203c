import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import pg from 'pg'
import { RESERVE } from './minimal_reserve.js'

/**
 * Bare node:http and one durable statement: POST { account, amount }, prepared on each of 16
 * connections. Says its port to the parent process.
 */
const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, min: 16, max: 16 })

const server = createServer((request, response) => {
  const parts: Buffer[] = []
  request.on('data', (part) => parts.push(part))
  request.on('end', async () => {
    try {
      const { account, amount } = JSON.parse(Buffer.concat(parts).toString())
      const { rows } = await pool.query({
        name: 'reserve',
        text: RESERVE,
        values: [account, amount],
      })
      answer(rows.length === 1 ? 200 : 402, rows[0] ?? {})
    } catch (error) {
      answer(500, { error: String(error) })
    }
  })

  function answer(status: number, body: object) {
    const text = JSON.stringify(body)
    response.writeHead(status, {
      'Content-Type': 'application/json',
      'Content-Length': Buffer.byteLength(text),
    })
    response.end(text)
  }
})

server.listen(0, '127.0.0.1', () => process.send!({ port: (server.address() as AddressInfo).port }))
process.on('SIGTERM', () => process.exit(0))
