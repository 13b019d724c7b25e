/**
 * The API, and the token service in front of it, in one process and on one
 * port, as a gateway has them: `/oauth2/…` is Exchequer, `/orders` is ours.
 */
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'

import { AccessError, createExchequer } from 'exchequer'
import { nodeHandler } from 'exchequer/node'

const AUDIENCE = 'https://orders.example.com'
const NEEDED = { GET: 'orders:read', POST: 'orders:write' }
const ORDERS = { ada: [{ order: 1, item: 'difference engine' }] }

/** Listens on a port, and trusts a login by its certificate; resolves to the server. */
export async function startApi(port, loginUrl, certificate) {
  const url = `http://127.0.0.1:${port}`
  const sts = await createExchequer(configuration(url, loginUrl, certificate))
  const tokenService = nodeHandler(sts)

  const server = createServer((request, response) => {
    if (request.url !== '/orders') return tokenService(request, response)
    orders(request, response).catch(() => reply(response, 500, { error: 'server_error' }))
  })

  async function orders(request, response) {
    const scope = NEEDED[request.method]
    if (scope === undefined) return reply(response, 405, { error: 'method_not_allowed' })
    const { authorization = '' } = request.headers
    try {
      // The whole protection: claims of a token that counts now, or the
      // response to give instead.
      const asked = new Request(`${url}/orders`, { headers: authorization ? { authorization } : {} })
      const { sub } = await sts.authenticate(asked, { scopes: [scope], audience: AUDIENCE })
      reply(response, 200, { of: sub, orders: ORDERS[sub] ?? [] })
    } catch (error) {
      if (!(error instanceof AccessError)) throw error
      response.writeHead(error.response.status, Object.fromEntries(error.response.headers))
      response.end(Buffer.from(await error.response.arrayBuffer()))
    }
  }

  return new Promise((resolve, reject) => {
    server.on('close', () => sts.close())
    server.once('error', reject).listen(port, '127.0.0.1', () => resolve(server))
  })
}

/** `exchequer.json` with the certificate, and with the addresses that are really used. */
function configuration(url, loginUrl, certificate) {
  const document = JSON.parse(readFileSync(new URL('exchequer.json', import.meta.url), 'utf8'))
  const [login] = document.trustedTokenIssuers
  document.issuer = url
  login.issuer = loginUrl
  login.certificate.certificates = [certificate]
  return document
}

function reply(response, status, body) {
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(`${JSON.stringify(body)}\n`)
}
