/**
 * A server that reads a request and answers as if it had made an exchange: what HTTP alone costs in
 * Node. The parent sends `{ port }` and hears `listening`; the process ends when its parent goes.
 */
import { createServer } from 'node:http'

const ANSWER = JSON.stringify({ access_token: 'x'.repeat(700), token_type: 'Bearer', expires_in: 3600 })
const HEADERS = { 'content-type': 'application/json', 'cache-control': 'no-store', 'content-length': ANSWER.length }

process.once('message', ({ port }) => {
  const server = createServer((request, response) => {
    request.resume()
    request.on('end', () => response.writeHead(200, HEADERS).end(ANSWER))
  })
  server.listen(port, '127.0.0.1', () => process.send('listening'))
})
process.on('disconnect', () => process.exit(0))
