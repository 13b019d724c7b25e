/** examples/envoy as its README starts it, on free ports. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

import { freePort } from '../../node/support/ports.mjs'
import { BINARY } from './envoy.mjs'

const START = fileURLToPath(new URL('../../../examples/envoy/start.mjs', import.meta.url))
const PATIENCE_MS = 60_000

/** Starts it; `urls` are the ones that it prints, by name. */
export async function startExample() {
  const ports = await Promise.all(Array.from({ length: 5 }, freePort))
  const child = spawn(process.execPath, [START, '--tethered', ...ports.map(String)], {
    env: { ...process.env, ENVOY: BINARY },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  const exited = once(child, 'exit')
  let said = ''
  child.stderr.on('data', (data) => (said += data))
  const late = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS)
  const urls = {}
  for await (const line of createInterface({ input: child.stdout })) {
    const [name, url] = line.split(/\s+/)
    if (URL.canParse(url)) urls[name] = new URL(url)
    if (line.startsWith('Serving')) break
  }
  clearTimeout(late)
  assert.ok(urls.gateway, said)
  return {
    urls,
    async stop() {
      child.stdin.end()
      await exited
    },
  }
}
