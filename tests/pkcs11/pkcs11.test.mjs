/** examples/pkcs11 with SoftHSM, as its README starts it: a key that leaves no device signs what others verify. */
import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

import { createRemoteJWKSet, jwtVerify } from 'jose'

import { freePort } from '../node/support/ports.mjs'
import { config, issuer } from '../node/support/tokens.mjs'

const EXAMPLE = new URL('../../examples/pkcs11/', import.meta.url)
const LIBRARY = ['/usr/lib/softhsm/libsofthsm2.so', '/usr/lib64/pkcs11/libsofthsm2.so'].find(existsSync)
const BINDING = fileURLToPath(new URL('node_modules/pkcs11js/build/Release/pkcs11.node', EXAMPLE))
const isThere = LIBRARY !== undefined && existsSync(BINDING)
const skip = !isThere && !process.env.CI ? 'SoftHSM or pkcs11js is not installed' : false
const PIN = '738194'
const START_MS = 60_000
const SECRET = 'a-secret-of-the-application-0123456789'

describe('a signing key in an HSM', { skip, timeout: 3 * START_MS }, () => {
  let directory, env, idp, jwks, url
  const now = () => Math.floor(Date.now() / 1000)

  /** Starts the example; resolves when it listens. */
  const start = async (more = {}) => {
    const port = await freePort()
    const child = spawn(process.execPath, [fileURLToPath(new URL('start.mjs', EXAMPLE)), 'exchequer.json', String(port)], {
      cwd: directory,
      env: { ...env, ...more },
    })
    let said = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (said += data))
    const closed = once(child, 'close')
    const late = Date.now() + START_MS
    while (!said.includes('listens on')) {
      assert.ok(child.exitCode === null && Date.now() < late, said)
      await setTimeout(20)
    }
    url = `http://127.0.0.1:${port}`
    return {
      said: () => said,
      stop: () => {
        child.kill()
        return closed
      },
    }
  }
  const exchange = async () => {
    const form = {
      grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
      subject_token: await idp.token({ iat: now() - 10, exp: now() + 600 }),
      subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
      client_id: 'app',
      client_secret: SECRET,
    }
    const response = await fetch(`${url}/oauth2/token`, { method: 'POST', body: new URLSearchParams(form) })
    return { status: response.status, body: await response.json() }
  }

  before(async () => {
    directory = mkdtempSync(join(tmpdir(), 'exchequer-pkcs11-'))
    mkdirSync(join(directory, 'tokens'))
    writeFileSync(join(directory, 'softhsm2.conf'), `directories.tokendir = ${join(directory, 'tokens')}\n`)
    env = { ...process.env, SOFTHSM2_CONF: join(directory, 'softhsm2.conf'), PKCS11_LIBRARY: LIBRARY, PKCS11_PIN: PIN }
    const init = ['--init-token', '--free', '--label', 'exchequer', '--pin', PIN, '--so-pin', '90210817']
    execFileSync('softhsm2-util', init, { env, stdio: 'ignore' })
    idp = await issuer()
    jwks = createServer((_, response) => response.end(JSON.stringify(idp.jwks))).listen(0, '127.0.0.1')
    await once(jwks, 'listening')
    const { trustedTokenIssuers, ...rest } = config()
    const certificate = { jwksUri: `http://127.0.0.1:${jwks.address().port}/jwks` }
    writeFileSync(join(directory, 'exchequer.json'), JSON.stringify({ ...rest, trustedTokenIssuers: [{ ...trustedTokenIssuers[0], certificate }] }))
  })
  after(() => {
    jwks?.close()
    rmSync(directory, { recursive: true, force: true })
  })

  it('is made there, signs, and is the same after a restart', async () => {
    const kids = []
    for (const MAKE_KEY of ['yes', 'no']) {
      const server = await start({ MAKE_KEY })
      const { status, body } = await exchange()
      assert.equal(status, 200, JSON.stringify(body))
      const keys = createRemoteJWKSet(new URL(`${url}/oauth2/jwks`))
      const { protectedHeader } = await jwtVerify(body.access_token, keys, { issuer: 'https://sts.example.com' })
      kids.push(protectedHeader.kid)
      assert.ok(!server.said().includes(PIN) && !server.said().includes(SECRET))
      await server.stop()
    }
    assert.deepEqual(kids, ['signing', 'signing'])
  })

  it('that is another one of the same name signs nothing that is given out', async () => {
    const server = await start({ MAKE_KEY: 'no', KEY: 'signing' })
    // Somebody replaces the key in the device while the server runs.
    const replace = `
      import { openToken } from ${JSON.stringify(new URL('hsm.mjs', EXAMPLE).href)}
      const token = openToken({ library: process.env.PKCS11_LIBRARY, token: 'exchequer', pin: process.env.PKCS11_PIN })
      token.destroy('signing')
      token.makeKey('signing')
      token.close()`
    execFileSync(process.execPath, ['--input-type=module', '--eval', replace], { env, cwd: directory })
    const { status, body } = await exchange()
    assert.deepEqual([status, body.error], [503, 'temporarily_unavailable'])
    await server.stop()
  })
})
