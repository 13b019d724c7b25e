/**
 * Why keys could not be fetched, as each runtime says it: no standard says what
 * `fetch` throws, so the package reads codes and words.
 */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer as createPlainServer } from 'node:http'
import { createServer } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'

import { generateKey } from 'exchequer/node'

import { authority } from '../node/support/authority.mjs'
import { freePort } from '../node/support/ports.mjs'
import { binary, printed } from './support/process.mjs'
import { project } from './support/project.mjs'
import { start } from './support/worker.mjs'

const SCRIPT = 'causes.mjs'
const SHARED = 'reasons.mjs'

/**
 * The reason for which a token is refused whose issuer's keys are at each of these URLs,
 * and a second later, when they are fetched again.
 */
const REASONS = `
import { createExchequer } from 'exchequer'

const part = (value) => btoa(JSON.stringify(value)).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '')

export async function reasonsOf(servers, key) {
  const now = Math.floor(Date.now() / 1000)
  const reasons = {}
  for (const [name, jwksUri] of Object.entries(servers)) {
    const sts = await createExchequer({
      issuer: 'https://sts.example.com',
      keys: [key],
      trustedTokenIssuers: [{ name: 'IdP', issuer: 'https://idp.example.com', certificate: { jwksUri }, readTimeoutMs: 5000 }],
      applications: [{ clientId: 'app', type: 'mobile', grantTypes: ['urn:ietf:params:oauth:grant-type:token-exchange'], trustedTokenIssuers: ['IdP'] }],
    })
    const claims = { iss: 'https://idp.example.com', sub: 'ada', aud: 'https://sts.example.com', iat: now, exp: now + 600 }
    const subjectToken = [part({ alg: 'ES256', kid: 'k' }), part(claims), 'A'.repeat(86)].join('.')
    const request = { clientId: 'app', subjectToken, subjectTokenType: 'urn:ietf:params:oauth:token-type:jwt' }
    const reason = () => sts.exchange(request).then(() => 'granted', (error) => error.reason)
    reasons[name] = await reason()
    await new Promise((resolve) => setTimeout(resolve, 1100))
    reasons[name + ', again'] = await reason()
    await sts.close()
  }
  return reasons
}
`

const WORKER = `
import { reasonsOf } from './${SHARED}'

export default {
  async fetch(request) {
    const { servers, key } = await request.json()
    return Response.json(await reasonsOf(servers, key))
  },
}
`

const expected = (reasons) => Object.fromEntries(Object.entries(reasons).flatMap(([name, reason]) => [[name, reason], [`${name}, again`, reason]]))

/** A server that answered, and then closed the connection as it was used again. */
const LOST = { lost: 'subject_token.key.not_found' }

const EXPECTED = expected({
  name: 'subject_token.key.unavailable.name',
  certificate: 'subject_token.key.unavailable.certificate',
  connection: 'subject_token.key.unavailable',
  ...LOST,
})

const RUNTIMES = {
  Node: (directory) => [process.execPath, [SCRIPT], directory],
  Bun: (directory) => [binary('@oven', 'bin/bun'), ['run', SCRIPT], directory],
  Deno: (directory) => [
    binary('@deno', 'deno'),
    ['run', '--no-prompt', '--cached-only', '--node-modules-dir=manual', '--allow-net', SCRIPT],
    directory,
    { DENO_DIR: join(directory, '.deno'), DENO_NO_UPDATE_CHECK: '1' },
  ],
}

const { directory } = project()

describe('causes that runtimes tell', () => {
  const key = generateKey()
  let certificates, server, losing, servers
  let requests = 0
  before(async () => {
    certificates = mkdtempSync(join(tmpdir(), 'exchequer-causes-'))
    server = createServer(authority(certificates, 'localhost').tls, (_, response) => response.end('{"keys":[]}')).listen(0, '127.0.0.1')
    await once(server, 'listening')
    losing = createPlainServer(({ socket }, response) => {
      requests++
      return requests === 2 ? socket.destroy() : response.setHeader('content-type', 'application/json').end('{"keys":[]}')
    }).listen(0, '127.0.0.1')
    await once(losing, 'listening')
    servers = {
      name: 'https://idp.invalid/jwks',
      certificate: `https://localhost:${server.address().port}/jwks`,
      connection: `https://127.0.0.1:${await freePort()}/jwks`,
      lost: `http://127.0.0.1:${losing.address().port}/jwks`,
    }
    writeFileSync(join(directory, SHARED), REASONS)
    const [where, own] = [servers, key].map((value) => JSON.stringify(value))
    writeFileSync(join(directory, SCRIPT), `import { reasonsOf } from './${SHARED}'\nconsole.log(JSON.stringify(await reasonsOf(${where}, ${own})))\n`)
  })
  after(() => {
    for (const one of [server, losing]) {
      one?.closeAllConnections()
      one?.close()
    }
    rmSync(certificates, { recursive: true, force: true })
  })

  for (const [name, command] of Object.entries(RUNTIMES)) {
    it(name, async () => {
      requests = 0
      assert.deepEqual(await printed(...command(directory)), EXPECTED)
      assert.equal(requests, 3)
    })
  }

  it('workerd', async () => {
    requests = 0
    const worker = await start(directory, WORKER, {})
    const reply = await worker.fetch('/', { method: 'POST', body: JSON.stringify({ servers, key }) })
    // It tells a Worker that the connection was lost, or of an internal error.
    const untold = 'subject_token.key.unavailable'
    assert.deepEqual(await reply.json(), expected({ name: untold, certificate: untold, connection: untold, ...LOST }))
    assert.equal(requests, 3)
  })
})
