/** The service behind the proxy: says what it was sent, and remembers it. */
import { once } from 'node:events'
import { createServer } from 'node:http'

export async function upstream() {
  const seen = []
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    const { method, url, headers, rawHeaders } = request
    seen.push({ method, url, headers, rawHeaders, body })
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify(seen.at(-1)))
  })
  // The proxy must not lose a request on a connection that is closed just then: nothing but its routes could send it again.
  server.keepAliveTimeout = 0
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: server.address().port,
    seen,
    async stop() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}
