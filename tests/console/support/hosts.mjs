/** The console's hosts besides `exchequer serve`: each starts with an issuer to be listed, or says what it lacks. */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

import { noEnvoy } from '../../envoy/support/envoy.mjs'
import { startExample } from '../../envoy/support/example.mjs'
import { freePort } from '../../node/support/ports.mjs'
import { ADMIN } from './console.mjs'
import { FOLDER, send } from './files.mjs'

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url))
/** In CI there has to be everything. */
const without = (isThere, what) => !isThere && !process.env.CI && `${what} is not installed`
const START_MS = 60_000

const issuer = { name: 'Builds', issuer: 'https://builds.example.com', certificate: { jwksUri: 'https://builds.example.com/jwks' } }
const document = {
  issuer: 'https://sts.example.com',
  keys: [JSON.parse(readFileSync(path('../../vectors/keys/ours.json'), 'utf8'))],
  trustedTokenIssuers: [issuer],
}

export const HOSTS = [
  {
    name: 'a Worker with D1',
    skip: noWorkerd(),
    isAdministered: true,
    start: () => startWorker({ document }),
  },
  {
    name: '`wasmtime serve`',
    skip: without(wasmtime() !== undefined, 'wasmtime'),
    isAdministered: true,
    async start() {
      const port = await freePort()
      const command = wasmtime()
      // The wheel that brings it forgets that it is a command.
      chmodSync(command, 0o755)
      const env = { EXCHEQUER_CONFIG: JSON.stringify(document), EXCHEQUER_ADMIN_TOKEN: ADMIN }
      const args = ['serve', '-S', 'cli', '--addr', `127.0.0.1:${port}`, '--dir', `${FOLDER}::/console`, ...Object.keys(env).flatMap((name) => ['--env', name])]
      const child = spawn(command, [...args, path('../../../pkg/dist/exchequer-component.wasm')], { env: { ...process.env, ...env }, stdio: 'ignore' })
      const exited = once(child, 'exit')
      const url = `http://127.0.0.1:${port}`
      await answers(url, child)
      return { url, stop: () => (child.kill(), exited) }
    },
  },
  {
    name: 'Envoy',
    skip: noEnvoy,
    // Administration wants a store, or at least an admin token; a filter has neither.
    isAdministered: false,
    async start() {
      const { urls, stop } = await startExample()
      return { url: urls.console.origin, stop }
    },
  },
]

/** Why there is no workerd, if npm has brought none for this platform. */
export function noWorkerd() {
  const folder = path('../../runtimes/node_modules/@cloudflare')
  return without(existsSync(folder) && readdirSync(folder).some((name) => name.startsWith('workerd-')), 'workerd')
}

/** A Worker with the console and one of the stores; on a port of its own if none is given. */
export async function startWorker({ document, store = 'D1', port = 0 }) {
  const { project } = await import('../../runtimes/support/project.mjs')
  const { STORES, assetsOf, start } = await import('../../runtimes/support/worker.mjs')
  const { WORKER } = await import('../../runtimes/support/service.mjs')
  const { directory } = project()
  const bindings = { EXCHEQUER_CONFIG: JSON.stringify(document), EXCHEQUER_ADMIN_TOKEN: ADMIN }
  const worker = await start(directory, WORKER, { port, bindings, ...STORES[store], ...assetsOf(join(directory, 'node_modules/exchequer/dist/console')) })
  return { url: (await worker.miniflare.ready).origin, stop: () => worker.stop() }
}

/** The command that a wheel brought for the tests of the components. */
function wasmtime() {
  const script = 'import pathlib, wasmtime_cli; print(pathlib.Path(wasmtime_cli.__file__).parent)'
  const { status, stdout } = spawnSync(path('../../.venv/bin/python'), ['-c', script], { encoding: 'utf8' })
  return status === 0 ? join(stdout.trim(), 'wasmtime') : undefined
}

async function answers(url, child) {
  for (const late = Date.now() + START_MS; child.exitCode === null && Date.now() < late; await setTimeout(50)) {
    if (await send(url, '/console/').catch(() => undefined)) return
  }
  child.kill('SIGKILL')
  throw new Error(`${url} does not answer`)
}
