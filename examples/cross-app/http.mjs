/** A function from `Request` to `Response`, on a port of this machine. */
import { createServer } from 'node:http'

export function listen(port, serve) {
  const server = createServer(async (incoming, outgoing) => {
    const body = []
    for await (const chunk of incoming) body.push(chunk)
    const { method, url, headers } = incoming
    const request = new Request(`http://${headers.host}${url}`, {
      method,
      headers,
      ...(body.length > 0 && { body: Buffer.concat(body) }),
    })
    const response = await serve(request)
    outgoing.writeHead(response.status, Object.fromEntries(response.headers))
    outgoing.end(Buffer.from(await response.arrayBuffer()))
  })
  return new Promise((resolve, reject) => {
    server.once('error', reject).listen(port, '127.0.0.1', () => resolve(server))
  })
}
