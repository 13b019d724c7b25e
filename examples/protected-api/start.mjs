/**
 * Starts the example: the company's login, and the API behind Exchequer. What
 * to do with them is in README.md.
 *
 * Usage: node start.mjs [--tethered] [API PORT] [LOGIN PORT]; 0 takes a free
 * one. Serves until Ctrl-C; with `--tethered` also no longer than its standard
 * input lasts.
 */
import { once } from 'node:events'
import { createServer } from 'node:net'

import { startApi } from './api.mjs'
import { startProvider } from './provider.mjs'

process.env.PORTAL_SECRET ??= 'portal-secret-of-the-example'
const isTethered = process.argv.includes('--tethered')
const [apiPort = 8243, loginPort = 9444] = process.argv.slice(2).filter((arg) => arg !== '--tethered').map(Number)
const stop = Promise.race([
  once(process, 'SIGINT'),
  once(process, 'SIGTERM'),
  ...(isTethered ? [once(process.stdin.resume(), 'end')] : []),
])

const login = await startProvider(await freePort(loginPort))
const loginUrl = urlOf(login)
const certificate = await (await fetch(`${loginUrl}/certificate.pem`)).text()
const api = await startApi(await freePort(apiPort), loginUrl, certificate)

console.log(`login  ${loginUrl}`)
console.log(`API    ${urlOf(api)}/orders`)
console.log(`tokens ${urlOf(api)}/oauth2/token`)
console.log('Serving until Ctrl-C. examples/protected-api/README.md says what to try.')

await stop
process.stdin.pause()
for (const server of [api, login]) {
  server.close()
  server.closeAllConnections()
}

/** The port itself, or a free one for 0: an issuer has to know its own address. */
async function freePort(port) {
  if (port !== 0) return port
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const free = server.address().port
  server.close()
  await once(server, 'close')
  return free
}

function urlOf(server) {
  return `http://127.0.0.1:${server.address().port}`
}
