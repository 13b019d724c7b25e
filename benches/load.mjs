/**
 * `exchequer serve` under load, over loopback: requests for each second of the
 * server's CPU, and how long they take, at several numbers of connections and of
 * workers. Every token is another one.
 *
 * What is quoted is the CPU time of the server, all its processes together: the
 * client runs on the same machine, and takes what it takes.
 *
 *     node benches/load.mjs [--workers 1,2] [--connections 1,10,50,200]
 *                           [--requests 1500] [--seconds 30] [--json FILE]
 */
import { spawn } from 'node:child_process'
import { generateKeyPairSync, randomUUID, sign } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'

const CLI = fileURLToPath(new URL('../cli.js', import.meta.resolve('exchequer')))
const ISSUER = 'https://idp.example.com'
const STS = 'https://sts.example.com'
const SECRET = 'a-secret-that-nobody-uses-here'
const WARM_UP = 300
const START_MS = 60_000
/** The unit of `/proc/…/stat`. */
const TICKS_PER_SECOND = 100

const theirs = generateKeyPairSync('rsa', { modulusLength: 2048 })
const ours = generateKeyPairSync('ec', { namedCurve: 'P-256' })

function document() {
  const theirJwk = { ...theirs.publicKey.export({ format: 'jwk' }), kid: 'idp-1', alg: 'RS256', use: 'sig' }
  return {
    issuer: STS,
    keys: [{ ...ours.privateKey.export({ format: 'jwk' }), kid: 'sts-1', alg: 'ES256' }],
    trustedTokenIssuers: [{ name: 'CI', issuer: ISSUER, certificate: { jwks: { keys: [theirJwk] } }, algorithms: ['RS256'] }],
    applications: [
      {
        clientId: 'deploy-bot',
        clientSecret: SECRET,
        type: 'machine',
        grantTypes: ['urn:ietf:params:oauth:grant-type:token-exchange'],
        trustedTokenIssuers: ['CI'],
        audiences: ['https://api.example.com'],
        scopes: ['deploy:read'],
      },
    ],
  }
}

/** A whole request with a token of 1.4 KB, as bytes. */
function request(n) {
  const now = Math.floor(Date.now() / 1000)
  const part = (value) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url')
  const claims = {
    iss: ISSUER,
    sub: `repo:octo-org/octo-repo:ref:refs/heads/main:${n}`,
    aud: STS,
    iat: now,
    exp: now + 3000,
    jti: randomUUID(),
    repository: 'octo-org/octo-repo',
    job_workflow_ref: 'octo-org/octo-automation/.github/workflows/oidc.yml@refs/heads/main',
    filler: 'x'.repeat(440),
  }
  const signed = `${part({ alg: 'RS256', kid: 'idp-1', typ: 'JWT' })}.${part(claims)}`
  const token = `${signed}.${sign('sha256', Buffer.from(signed), theirs.privateKey).toString('base64url')}`
  const body = new URLSearchParams({
    grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
    subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
    subject_token: token,
    scope: 'deploy:read',
  }).toString()
  const head = [
    'POST /oauth2/token HTTP/1.1',
    'host: sts.example.com',
    `authorization: Basic ${Buffer.from(`deploy-bot:${SECRET}`).toString('base64')}`,
    'content-type: application/x-www-form-urlencoded',
    `content-length: ${body.length}`,
  ]
  return Buffer.from(`${head.join('\r\n')}\r\n\r\n${body}`)
}

/** Starts a server with so many workers. */
async function server(workers) {
  const directory = mkdtempSync(join(tmpdir(), 'exchequer-load-'))
  const port = await freePort()
  writeFileSync(join(directory, 'exchequer.json'), JSON.stringify(document()))
  const args = ['serve', '--config', 'exchequer.json', '--port', String(port), '--workers', String(workers)]
  const child = spawn(process.execPath, [CLI, ...args], { cwd: directory, stdio: ['ignore', 'ignore', 'pipe'] })
  let errors = ''
  child.stderr.on('data', (data) => (errors += data))
  const closed = new Promise((resolve) => child.on('close', resolve))
  const stop = async () => {
    child.kill('SIGTERM')
    await closed
    rmSync(directory, { recursive: true, force: true })
  }
  for (const end = Date.now() + START_MS; !errors.includes('listens on'); ) {
    if (child.exitCode !== null || Date.now() > end) {
      await stop()
      throw new Error(`the server does not start: ${errors}`)
    }
    await setTimeout(50)
  }
  return { port, stop, cpuSeconds: () => cpuSeconds(child.pid) }
}

async function freePort() {
  const probe = createServer()
  await new Promise((resolve) => probe.listen(0, '127.0.0.1', resolve))
  const { port } = probe.address()
  await new Promise((resolve) => probe.close(resolve))
  return port
}

/** The CPU time of a process and its children; `undefined` where there is no `/proc`. */
function cpuSeconds(pid) {
  if (!existsSync('/proc/self/stat')) return undefined
  let ticks = 0
  for (const name of readdirSync('/proc')) {
    try {
      const fields = /^\d+$/.test(name) && readFileSync(`/proc/${name}/stat`, 'utf8').replace(/^.*\) /, '').split(' ')
      if (fields && (Number(name) === pid || Number(fields[1]) === pid)) ticks += Number(fields[11]) + Number(fields[12])
    } catch {
      // It ended while it was looked at.
    }
  }
  return ticks / TICKS_PER_SECOND
}

/** Sends requests on so many connections, each one behind the other, until there are none left or the time is over. */
async function run(port, requests, connections, seconds) {
  const [latencies, began] = [[], process.hrtime.bigint()]
  let [next, errors] = [0, 0]
  const isOver = () => next >= requests.length || process.hrtime.bigint() - began > BigInt(seconds) * 1_000_000_000n
  await Promise.all(Array.from({ length: Math.min(connections, requests.length) }, () => new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true })
    let [received, sent, isWaiting] = ['', 0n, false]
    const send = () => {
      if (isOver()) return socket.destroy()
      sent = process.hrtime.bigint()
      isWaiting = true
      socket.write(requests[next++])
    }
    socket.setEncoding('latin1')
    socket.on('connect', send).on('error', () => undefined).on('data', (data) => {
      received += data
      const head = received.indexOf('\r\n\r\n')
      if (head < 0) return
      const length = Number(/\r\ncontent-length: (\d+)/i.exec(received)?.[1])
      if (received.length < head + 4 + length) return
      latencies.push(Number(process.hrtime.bigint() - sent) / 1e6)
      if (!received.startsWith('HTTP/1.1 200 ')) errors++
      isWaiting = false
      received = ''
      send()
    })
    socket.on('close', () => {
      if (isWaiting) errors++
      resolve()
    })
  })))
  latencies.sort((a, b) => a - b)
  const at = (part) => latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * part))]
  return { requests: latencies.length, errors, wallSeconds: Number(process.hrtime.bigint() - began) / 1e9, p50Ms: at(0.5), p99Ms: at(0.99) }
}

/**
 * Measures. Bounded: by requests, and by seconds for each row.
 *
 * @returns {Promise<{ node: string, cpu: string, cores: number, rows: object[] }>}
 */
export async function load({ workers = [1, 2], connections = [1, 10, 50, 200], requests = 1500, seconds = 30 } = {}) {
  const all = Array.from({ length: WARM_UP + requests * connections.length }, (_, n) => request(n))
  const rows = []
  for (const count of workers) {
    const { port, stop, cpuSeconds } = await server(count)
    try {
      await run(port, all.slice(0, WARM_UP), 4 * count, seconds)
      for (const [index, parallel] of connections.entries()) {
        const from = WARM_UP + index * requests
        const before = cpuSeconds()
        const done = await run(port, all.slice(from, from + requests), parallel, seconds)
        const cpu = before === undefined ? undefined : cpuSeconds() - before
        rows.push({ workers: count, connections: parallel, ...done, cpuSeconds: cpu, requestsPerCpuSecond: cpu && done.requests / cpu })
      }
    } finally {
      await stop()
    }
  }
  return { node: process.versions.node, cpu: cpus()[0].model.trim(), cores: cpus().length, rows }
}

export function table({ rows }) {
  const line = ({ workers, connections, requests, requestsPerCpuSecond, p50Ms, p99Ms, errors }) =>
    `| ${workers} | ${connections} | ${requests} | ${requestsPerCpuSecond?.toFixed(0) ?? '–'} | ${p50Ms.toFixed(2)} | ${p99Ms.toFixed(2)} | ${errors} |`
  const head = '| workers | connections | requests | requests per CPU second | ms, half of them | ms, 99 of 100 | errors |\n|---|---|---|---|---|---|---|'
  return `${head}\n${rows.map(line).join('\n')}`
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { values } = parseArgs({
    options: {
      workers: { type: 'string', default: '1,2' },
      connections: { type: 'string', default: '1,10,50,200' },
      requests: { type: 'string', default: '1500' },
      seconds: { type: 'string', default: '30' },
      json: { type: 'string' },
    },
  })
  const numbers = (text) => text.split(',').map(Number)
  const figures = await load({
    workers: numbers(values.workers),
    connections: numbers(values.connections),
    requests: Number(values.requests),
    seconds: Number(values.seconds),
  })
  console.log(table(figures))
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(figures, undefined, 2)}\n`)
  if (figures.rows.some(({ errors }) => errors > 0)) process.exitCode = 1
}
