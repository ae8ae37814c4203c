import { createServer } from 'node:http'

/** As a process: a vendor that answers at once, with the address of a picture. Says its port. */
const answer = JSON.stringify({ created: 1, data: [{ url: 'http://127.0.0.1/picture.png' }] })

const server = createServer((request, response) => {
  request.resume()
  request.on('end', () => {
    response.writeHead(200, {
      'Content-Type': 'application/json',
      'Content-Length': Buffer.byteLength(answer),
    })
    response.end(answer)
  })
})
server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }))
process.on('SIGTERM', () => process.exit(0))
