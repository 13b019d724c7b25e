/**
 * Starts the example: the company's login, and Exchequer in workerd on this
 * machine. Needs no account and no network.
 *
 * Usage: node start.mjs [--tethered] [WORKER PORT] [LOGIN PORT]; 0 takes a free
 * one. Serves until Ctrl-C; with `--tethered` also no longer than its standard
 * input lasts.
 */
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { setTimeout } from 'node:timers/promises'

import { login } from './login.mjs'

const isTethered = process.argv.includes('--tethered')
const [workerPort, loginPort] = await Promise.all(ports().map(freePort))
const worker = `http://127.0.0.1:${workerPort}`
const idp = `http://127.0.0.1:${loginPort}`
const secret = process.env.DEPLOY_BOT_SECRET ?? 'deploy-bot-secret-of-the-example'
const admin = process.env.EXCHEQUER_ADMIN_TOKEN ?? randomBytes(32).toString('base64url')

const server = (await login(idp, worker)).listen(loginPort, '127.0.0.1')
const child = await wrangler({ EXCHEQUER_CONFIG: document(), DEPLOY_BOT_SECRET: secret, EXCHEQUER_ADMIN_TOKEN: admin })
const stop = new AbortController()
const stopped = Promise.race([
  once(process, 'SIGINT'),
  once(process, 'SIGTERM'),
  once(child, 'exit'),
  ...(isTethered ? [once(process.stdin.resume(), 'end')] : []),
]).finally(() => stop.abort())
await answers(`${worker}/healthz`, stop.signal)

if (!stop.signal.aborted) console.log(`login   ${idp}/token
tokens  ${worker}/oauth2/token
console ${worker}/console/, admin token ${admin}

curl -s ${worker}/oauth2/token -u deploy-bot:${secret} \\
  -d grant_type=urn:ietf:params:oauth:grant-type:token-exchange \\
  -d subject_token_type=urn:ietf:params:oauth:token-type:jwt \\
  -d subject_token=$(curl -s ${idp}/token)

Serving until Ctrl-C.`)

await stopped
process.stdin.pause()
server.close()
server.closeAllConnections()
if (child.exitCode !== null) {
  console.error('wrangler stopped, which it does not do by itself; what it says is above')
  process.exitCode = 1
} else {
  const exited = once(child, 'exit')
  child.kill('SIGINT')
  await exited
}

function ports() {
  const [ofWorker = 8787, ofLogin = 9444] = process.argv.slice(2).filter((arg) => arg !== '--tethered').map(Number)
  return [ofWorker, ofLogin]
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

/** The configuration, at the ports that are used. */
function document() {
  const text = readFileSync(new URL('exchequer.json', import.meta.url), 'utf8')
  return text.replaceAll('http://127.0.0.1:8787', worker).replaceAll('http://127.0.0.1:9444', idp)
}

/** `wrangler dev`, which asks nobody for anything. */
async function wrangler(variables) {
  const command = join(dirname(createRequire(import.meta.url).resolve('wrangler/package.json')), 'bin/wrangler.js')
  const bound = Object.entries(variables).flatMap(([name, value]) => ['--var', `${name}:${value}`])
  // Any free port for the debugger: the default, 9229, may be in use.
  const inspector = ['--inspector-port', '0']
  const args = ['dev', '--ip', '127.0.0.1', '--port', String(workerPort), ...inspector, '--log-level', 'error', ...bound]
  const quiet = {
    CI: 'true', CLOUDFLARE_CF_FETCH_ENABLED: 'false', WRANGLER_SEND_METRICS: 'false',
    WRANGLER_SEND_ERROR_REPORTS: 'false', WRANGLER_HIDE_BANNER: 'true',
  }
  return spawn(process.execPath, [command, ...args], {
    cwd: new URL('./', import.meta.url), env: { ...process.env, ...quiet }, stdio: ['ignore', 'ignore', 'inherit'],
  })
}

/** Returns when something answers there, or when there is no more to wait for. */
async function answers(url, signal) {
  while (!signal.aborted) {
    const response = await fetch(url).catch(() => undefined)
    if (response !== undefined) return
    await setTimeout(100)
  }
}
