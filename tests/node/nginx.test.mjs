/** Client certificates through a real nginx, configured as docs/tasks/mutual-tls.md has it (MTLS-14). */
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { X509Certificate, createHash } from 'node:crypto'
import { once } from 'node:events'
import { copyFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { request } from 'node:https'
import { connect } from 'node:net'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { setTimeout } from 'node:timers/promises'

import { decodeJwt } from 'jose'

import { authority } from './support/certificates.mjs'
import { blocksOf } from './support/document.mjs'
import { freePort } from './support/ports.mjs'
import { serve } from './support/serve.mjs'

// Debian keeps it where only root looks for it.
const NGINX = existsSync('/usr/sbin/nginx') ? '/usr/sbin/nginx' : 'nginx'
const missing = spawnSync(NGINX, ['-v']).error !== undefined
const skip = missing && !process.env.CI ? 'nginx is not installed' : false
const PATIENCE_MS = 60_000

const page = readFileSync(new URL('../../docs/tasks/mutual-tls.md', import.meta.url), 'utf8')
const { text: shown } = blocksOf(page).find(({ language }) => language === 'nginx')
const x5t = ({ cert }) => createHash('sha256').update(new X509Certificate(cert).raw).digest('base64url')
const field = ({ cert }) => `Cert="${encodeURIComponent(cert)}"`

/** nginx in a folder with its certificates, in front of this URL; and how it is ended. */
async function nginx(folder, url) {
  const port = await freePort()
  const here = shown.replace('listen 443', `listen 127.0.0.1:${port}`).replace('http://127.0.0.1:9443', url)
  assert.ok(here.includes(`127.0.0.1:${port} ssl`) && here.includes(url))
  const folders = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${name};`).join(' ')
  writeFileSync(join(folder, 'nginx.conf'), `daemon off; master_process off; pid nginx.pid; error_log stderr crit; events {} http { access_log off; ${folders} ${here} }`)
  const child = spawn(NGINX, ['-p', folder, '-c', 'nginx.conf', '-e', 'stderr'], { stdio: ['ignore', 'ignore', 'pipe'] })
  const ended = once(child, 'exit')
  let said = ''
  child.stderr.on('data', (data) => (said += data))
  for (const until = Date.now() + PATIENCE_MS; ; ) {
    const socket = connect(port, '127.0.0.1')
    const opened = await Promise.race([once(socket, 'connect').then(() => true, () => false), ended.then(() => undefined)])
    socket.destroy()
    if (opened) break
    assert.ok(opened === false && Date.now() < until, `nginx does not listen: ${said}`)
    await setTimeout(50)
  }
  return { port, stop: async () => (child.kill(), await ended) }
}

describe('nginx hands in client certificates', { skip, timeout: 2 * PATIENCE_MS }, () => {
  let made, sts, proxy, certificates
  before(async () => {
    made = authority()
    certificates = {
      deployer: made.signed('deployer', '/O=Acme/CN=deployer', 'DNS:deployer.acme.example'),
      other: made.signed('other', '/O=Acme/CN=other'),
      forged: made.selfSigned('forged', '/O=Acme/CN=deployer', 'DNS:deployer.acme.example'),
    }
    made.signed('server', '/CN=localhost', 'IP:127.0.0.1')
    copyFileSync(made.caFile, join(made.folder, 'clients-ca.pem'))
    const machine = { type: 'machine', grantTypes: ['client_credentials'] }
    sts = await serve((issuer) => ({
      issuer,
      clientCertificate: { header: 'x-forwarded-client-cert', from: ['127.0.0.1'], verifiesChains: true },
      applications: [
        { ...machine, clientId: 'deployer', mtls: { subjectDn: 'CN=deployer,O=Acme', required: true } },
        { ...machine, clientId: 'by-dns', mtls: { sanDns: 'deployer.acme.example' } },
        { ...machine, clientId: 'by-secret', clientSecret: 'only-for-this-test-0123456789abcdef' },
      ],
    }))
    proxy = await nginx(made.folder, sts.url)
  })
  after(async () => {
    await Promise.all([proxy?.stop(), sts?.stop()])
    made?.remove()
  })

  async function token(client_id, client, { headers = {}, ...form } = {}) {
    const sent = request({
      host: '127.0.0.1', port: proxy.port, path: '/oauth2/token', method: 'POST', ca: made.ca, agent: false,
      ...(client && { key: client.key, cert: client.cert }), headers: { ...headers, 'content-type': 'application/x-www-form-urlencoded' },
    })
    sent.end(new URLSearchParams({ grant_type: 'client_credentials', client_id, ...form }).toString())
    const [reply] = await once(sent, 'response')
    let text = ''
    for await (const chunk of reply) text += chunk
    return { status: reply.statusCode, text }
  }

  it('authenticates the client of a certificate, and binds its token', async () => {
    const { status, text } = await token('deployer', certificates.deployer)
    assert.equal(status, 200, text)
    assert.deepEqual(decodeJwt(JSON.parse(text).access_token).cnf, { 'x5t#S256': x5t(certificates.deployer) })
    assert.equal((await token('by-dns', certificates.deployer)).status, 200)
  })

  it('takes the certificate of no other client, of no other authority, and none', async () => {
    assert.equal((await token('deployer', certificates.other)).status, 401)
    // nginx refuses this one itself.
    assert.equal((await token('deployer', certificates.forged)).status, 400)
    assert.equal((await token('deployer', undefined)).status, 401)
  })

  it('lets clients without certificates in', async () => {
    const { status, text } = await token('by-secret', undefined, { client_secret: 'only-for-this-test-0123456789abcdef' })
    assert.equal(status, 200, text)
  })

  it('does not pass on the field of a client', async () => {
    const headers = { 'x-forwarded-client-cert': field(certificates.deployer) }
    assert.equal((await token('deployer', undefined, { headers })).status, 401)
    assert.equal((await token('deployer', certificates.other, { headers })).status, 401)
  })
})
