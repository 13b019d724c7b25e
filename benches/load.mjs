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
import { writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { cpus } from 'node:os'
import { parseArgs } from 'node:util'

import { serve } from '../tests/node/support/serve.mjs'
import { configuration } from './inside/job.mjs'
import { makeKeys, tokenMaker } from './inside/tokens.mjs'
import { cpuOf } from './support/cpu.mjs'
import { tokenRequest } from './support/requests.mjs'

const WARM_UP = 300

/** A whole request for this token, as bytes. */
function bytes(token) {
  const { method, path, headers, body } = tokenRequest(token)
  const fields = Object.entries({ host: 'sts.example.com', ...headers }).map(([name, value]) => `${name}: ${value}`)
  return Buffer.from(`${[`${method} ${path} HTTP/1.1`, ...fields].join('\r\n')}\r\n\r\n${body}`)
}

/** The processes of a server: with several workers it says which. */
function processes({ pid, written }) {
  const { workers = [] } = written.find(({ event }) => event === 'listening')
  return [pid, ...workers.map((worker) => worker.pid)]
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
async function load({ workers = [1, 2], connections = [1, 10, 50, 200], requests = 1500, seconds = 30 } = {}) {
  const keys = makeKeys()
  const all = tokenMaker(keys)(WARM_UP + requests * connections.length).map(bytes)
  const rows = []
  for (const count of workers) {
    const server = await serve(() => configuration(keys), { args: ['--workers', String(count)] })
    try {
      const port = Number(new URL(server.url).port)
      const cpuSeconds = () => processes(server).reduce((sum, pid) => sum + cpuOf(pid), 0) / 1e6
      await run(port, all.slice(0, WARM_UP), 4 * count, seconds)
      for (const [index, parallel] of connections.entries()) {
        const from = WARM_UP + index * requests
        const before = cpuSeconds()
        const done = await run(port, all.slice(from, from + requests), parallel, seconds)
        const cpu = cpuSeconds() - before
        rows.push({ workers: count, connections: parallel, ...done, cpuSeconds: cpu, requestsPerCpuSecond: done.requests / cpu })
      }
    } finally {
      await server.stop()
    }
  }
  return { node: process.versions.node, cpu: cpus()[0].model.trim(), cores: cpus().length, rows }
}

function table({ rows }) {
  const line = ({ workers, connections, requests, requestsPerCpuSecond, p50Ms, p99Ms, errors }) =>
    `| ${workers} | ${connections} | ${requests} | ${requestsPerCpuSecond.toFixed(0)} | ${p50Ms.toFixed(2)} | ${p99Ms.toFixed(2)} | ${errors} |`
  const head = '| workers | connections | requests | requests per CPU second | ms, half of them | ms, 99 of 100 | errors |\n|---|---|---|---|---|---|---|'
  return `${head}\n${rows.map(line).join('\n')}`
}

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
