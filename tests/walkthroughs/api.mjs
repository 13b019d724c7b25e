/**
 * An API that lets those in whose opaque token counts: it asks by introspection
 * (RFC 7662) with credentials of its own.
 *
 * Usage: node api.mjs PORT INTROSPECTION-ENDPOINT CLIENT-ID CLIENT-SECRET
 */
import { createServer } from 'node:http'

const [port, endpoint, id, secret] = process.argv.slice(2)
const authorization = `Basic ${btoa(`${id}:${secret}`)}`

async function answer({ headers }) {
  const [, token] = /^Bearer ([\w.~+/=-]+)$/i.exec(headers.authorization ?? '') ?? []
  if (token === undefined) return [401, { error: 'no bearer token' }]
  const reply = await fetch(endpoint, { method: 'POST', headers: { authorization }, body: new URLSearchParams({ token }) })
  if (!reply.ok) throw new Error(`introspection answers ${reply.status}`)
  const { active, sub, scope } = await reply.json()
  if (!active) return [401, { error: 'invalid_token' }]
  if (!scope.split(' ').includes('orders:read')) return [403, { error: 'insufficient_scope' }]
  return [200, { of: sub, orders: ['difference engine'] }]
}

const server = createServer(async (request, response) => {
  const [status, body] = await answer(request).catch(({ message }) => [503, { error: message }])
  response.writeHead(status, { 'content-type': 'application/json' }).end(`${JSON.stringify(body)}\n`)
})
server.listen(Number(port), '127.0.0.1', () => console.log('listening'))
