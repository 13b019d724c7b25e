/**
 * Starts what the walk-throughs are walked with: an identity provider that
 * nobody here wrote, and `exchequer serve` with an admin token and an almost
 * empty configuration; in a directory of their own, with the provider's
 * certificate in it as its administrator would send it.
 *
 * Usage: node start.mjs [--tethered] [EXCHEQUER PORT] [PROVIDER PORT]; 0 takes
 * a free one. Serves until Ctrl-C; with `--tethered` no longer than its
 * standard input lasts, either.
 */
import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { freePort } from '../node/support/ports.mjs'
import { serve } from '../node/support/serve.mjs'
import { startProvider } from './provider.mjs'

const ADMIN_TOKEN = 'admin-token-of-the-walk-throughs'
const isTethered = process.argv.includes('--tethered')
const [port = 9443, providerPort = 9444] = process.argv.slice(2).filter((arg) => arg !== '--tethered').map(Number)
const stop = Promise.race([
  once(process, 'SIGINT'),
  once(process, 'SIGTERM'),
  ...(isTethered ? [once(process.stdin.resume(), 'end')] : []),
])

/** Everything else is registered over the administration API. */
const configuration = (issuer) => ({
  issuer,
  roles: [{ name: 'deployer', scopes: ['deploy:write'] }],
})

const exchequer = await serve(configuration, { adminToken: ADMIN_TOKEN, port })
const { directory, url } = exchequer
let provider
try {
  makeCertificate('idp.key', 'idp.pem')
  makeCertificate('other.key', 'other.pem')
  const key = readFileSync(join(directory, 'idp.key'), 'utf8')
  provider = await startProvider(providerPort === 0 ? await freePort() : providerPort, key)

  console.log(`# Exchequer          ${url}`)
  console.log(`# identity provider  http://127.0.0.1:${provider.address().port}`)
  console.log(`cd ${directory}`)
  console.log(`export EXCHEQUER_ADMIN_TOKEN=${ADMIN_TOKEN}`)
  console.log(`export WALKTHROUGHS=${fileURLToPath(new URL('.', import.meta.url))}`)
  console.log('# Serving until Ctrl-C. Paste the three lines above into another shell, then walk.')
  await stop
} finally {
  process.stdin.pause()
  provider?.close()
  provider?.closeAllConnections()
  await exchequer.stop()
}

/** A key, and a certificate that it signed itself, in PEM. */
function makeCertificate(key, certificate) {
  const request = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=Company login', '-days', '30']
  const { status, stderr } = spawnSync('openssl', [...request, '-keyout', key, '-out', certificate], { cwd: directory })
  if (status !== 0) throw new Error(`openssl: ${stderr}`)
}
