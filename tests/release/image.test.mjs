/** The server's image in podman: without a network, on a read-only root, as it is run in a cluster. */
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { setTimeout } from 'node:timers/promises'

import { SignJWT, exportJWK, generateKeyPair } from 'jose'

import { freePort } from '../node/support/ports.mjs'
import { VERSION, layout } from './support/release.mjs'

const PATIENCE_MS = 120_000
const storage = mkdtempSync(join(tmpdir(), 'exchequer-podman-'))
const own = ['--root', join(storage, 'root'), '--runroot', join(storage, 'run')]
/** Options for machines that allow less; the first that work are taken. */
const WAYS = [
  { engine: [], run: [] },
  { engine: ['--runtime', '/usr/sbin/runc'], run: ['--ulimit', 'nofile=1024:1024', '--ulimit', 'nproc=1024:1024'] },
]

function podman(way, args, options) {
  return spawnSync('podman', [...own, ...way.engine, ...args], { encoding: 'utf8', timeout: PATIENCE_MS, ...options })
}

/** The image, and how it runs here; or why it does not. */
function prepare() {
  const pulled = podman(WAYS[0], ['pull', '--quiet', `oci:${layout('server').folder}:${VERSION}`])
  if (pulled.status !== 0) return { lack: `podman: ${pulled.stderr ?? pulled.error}` }
  const image = pulled.stdout.trim()
  let said
  for (const way of WAYS) {
    said = podman(way, ['run', '--rm', '--network', 'none', '--read-only', ...way.run, image, '--version'])
    if (said.status === 0) return { image, way, version: said.stdout.trim() }
  }
  return { lack: `podman runs no container here: ${said.stderr}` }
}

const { image, way, version, lack } = prepare()
if (lack !== undefined && process.env.CI) throw new Error(lack)

describe('the image of the server', { skip: lack ?? false, timeout: 3 * PATIENCE_MS }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'exchequer-image-'))
  let port, token, started, child, output

  /** Starts the server, and returns at once. */
  function start(...options) {
    const args = ['run', '--rm', '--name', 'exchequer-test', '--network', 'host', '--read-only', ...way.run, ...options]
    output = ''
    child = spawn('podman', [...own, ...way.engine, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text))
    child.ended = new Promise((resolve) => child.once('close', resolve))
    return child
  }
  const inside = (...args) => podman(way, ['exec', 'exchequer-test', '/usr/local/bin/node', ...args])

  before(async () => {
    port = await freePort()
    const { publicKey, privateKey } = await generateKeyPair('ES256')
    const issuer = 'https://idp.example.com'
    token = await new SignJWT({}).setProtectedHeader({ alg: 'ES256', kid: 'one' }).setIssuer(issuer).setSubject('alice')
      .setAudience(`http://127.0.0.1:${port}`).setIssuedAt().setExpirationTime('5m').sign(privateKey)
    const jwks = { keys: [{ ...(await exportJWK(publicKey)), kid: 'one', alg: 'ES256' }] }
    mkdirSync(join(folder, 'config'))
    writeFileSync(join(folder, 'config/exchequer.json'), JSON.stringify({
      issuer: `http://127.0.0.1:${port}`,
      trustedTokenIssuers: [{ name: 'idp', issuer, alias: `http://127.0.0.1:${port}`, certificate: { jwks } }],
      applications: [{ clientId: 'bot', clientSecret: { env: 'BOT' }, trustedTokenIssuers: ['idp'], grantTypes: ['urn:ietf:params:oauth:grant-type:token-exchange'] }],
    }))
    started = Date.now()
    start(
      '--volume', `${join(folder, 'config')}:/etc/exchequer:ro`, '--env', 'BOT=a-secret-that-is-long-enough-to-be-one',
      image, 'serve', '--config', '/etc/exchequer/exchequer.json', '--port', String(port), '--store', 'sqlite:/var/lib/exchequer/exchequer.sqlite',
    )
  })
  after(async () => {
    child?.kill('SIGKILL')
    // Not `system reset`, which would remove networks that are not of this test.
    podman(way, ['rm', '--all', '--force', '--time', '0'])
    podman(way, ['rmi', '--all', '--force'])
    spawnSync('umount', [join(storage, 'root/overlay')], { stdio: 'ignore' })
    for (const path of [folder, storage]) rmSync(path, { recursive: true, force: true })
  })

  async function exchange() {
    return await fetch(`http://127.0.0.1:${port}/oauth2/token`, {
      method: 'POST', signal: AbortSignal.timeout(PATIENCE_MS),
      headers: { authorization: `Basic ${btoa('bot:a-secret-that-is-long-enough-to-be-one')}` },
      body: new URLSearchParams({
        grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange', subject_token: token, subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
      }),
    })
  }

  it('is the version that it says', () => assert.equal(version, VERSION))

  it('exchanges a token, and says how soon', async (test) => {
    const gone = child.ended.then(() => assert.fail(`it ended: ${output}`))
    const first = async () => {
      for (;;) {
        const response = await exchange().catch(() => undefined)
        if (response !== undefined) return response
        await setTimeout(20)
      }
    }
    const response = await Promise.race([first(), gone])
    const body = await response.json()
    assert.equal(response.status, 200, JSON.stringify(body))
    assert.equal(body.token_type, 'Bearer')
    const answered = Date.now()
    const { stdout } = podman(way, ['inspect', '--format', '{{.State.StartedAt.UnixMilli}}', 'exchequer-test'])
    test.diagnostic(`first exchange ${answered - Number(stdout)} ms after the container was started, ${answered - started} ms after podman was`)
  })

  it('is healthy by its own check', () => {
    const { Healthcheck } = layout('server').json(layout('server').json(layout('server').json(layout('server').tags[VERSION]).manifests[0].digest).config.digest).config
    assert.deepEqual(Healthcheck.Test, ['CMD', '/usr/local/bin/node', '/app/health.mjs'])
    const good = inside('/app/health.mjs', `http://127.0.0.1:${port}/healthz`)
    assert.equal(good.status, 0, good.stderr)
    assert.equal(inside('/app/health.mjs', `http://127.0.0.1:${port}/nothing`).status, 1)
  })

  it('is not root, and writes to its data only', () => {
    const program = `
      const { writeFileSync } = require('node:fs')
      const writes = (path) => { try { writeFileSync(path, ''); return true } catch { return false } }
      console.log(JSON.stringify([process.getuid(), writes('/app/x'), writes('/etc/x'), writes('/var/lib/exchequer/x')]))`
    const { stdout, stderr } = inside('-e', program)
    assert.deepEqual(JSON.parse(stdout || 'null'), [65532, false, false, true], stderr)
  })

  it('has the clients of every store', () => {
    const load = `
      const { createRequire } = await import('node:module')
      for (const name of ['pg', 'redis', '@libsql/client']) createRequire('/app/node_modules/exchequer/dist/cli.js')(name)`
    const { status, stderr } = inside('--input-type=module', '-e', load)
    assert.equal(status, 0, stderr)
  })

  it('ends when it is told to, by itself', async () => {
    podman(way, ['stop', '--time', '60', 'exchequer-test'])
    assert.equal(await child.ended, 0, output)
    assert.match(output, /stopping/)
  })
})
