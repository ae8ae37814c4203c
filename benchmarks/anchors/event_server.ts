import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/**
 * Bare node:http and server-sent events: GET keeps the answer open, POST writes its body to all that
 * are open, as it is. Nobody is asked who they are, nothing is kept. Says its port to the parent.
 */
const open = new Set<ServerResponse>()

const server = createServer((request, response) => {
  if (request.method === 'GET') {
    response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' })
    response.write(': welcome\n\n')
    open.add(response)
    response.once('close', () => open.delete(response))
    return
  }
  const parts: Buffer[] = []
  request.on('data', (part) => parts.push(part))
  request.on('end', () => {
    const event = Buffer.concat(parts).toString()
    for (const one of open) one.write(event)
    response.writeHead(202, { 'Content-Length': 0 })
    response.end()
  })
})

server.listen(0, '127.0.0.1', () => process.send!({ port: (server.address() as AddressInfo).port }))
process.on('SIGTERM', () => process.exit(0))
