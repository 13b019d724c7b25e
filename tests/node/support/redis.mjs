/** A Redis server for one test: on a free port of this machine, with a directory that goes with it. */
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout } from 'node:timers/promises'

import { freePort } from './ports.mjs'

const READY_MS = 60_000

const missing = spawnSync('redis-server', ['--version']).error !== undefined

/** Why there is no Redis to test with, or `false`. In CI there has to be one. */
export const noRedis = missing && !process.env.CI ? 'redis-server is not installed' : false

/** Starts one that loses nothing it has acknowledged. */
export async function redisServer(...more) {
  const directory = mkdtempSync(join(tmpdir(), 'exchequer-redis-'))
  const port = await freePort()
  const durable = ['--save', '', '--appendonly', 'yes', '--appendfsync', 'always']
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--dir', directory, ...durable, ...more]
  let child = await started(args)

  const end = async (signal) => {
    if (child.exitCode !== null || child.signalCode !== null) return
    const exited = once(child, 'exit')
    child.kill(signal)
    await exited
  }
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    /** Ends it as a crash would. */
    kill: () => end('SIGKILL'),
    pause: () => child.kill('SIGSTOP'),
    resume: () => child.kill('SIGCONT'),
    /** Starts it again, with what it kept. */
    async restart() {
      child = await started(args)
    },
    async stop() {
      await end('SIGKILL')
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

/** A cluster: three servers that share the slots, and one that stands in for each. */
export async function redisCluster() {
  const nodes = await Promise.all(
    Array.from({ length: 6 }, async () => {
      const bus = String(await freePort())
      return redisServer('--cluster-enabled', 'yes', '--cluster-port', bus, '--cluster-node-timeout', '1000')
    }),
  )
  const stop = () => Promise.all(nodes.map((node) => node.stop()))
  const addresses = nodes.map(({ port }) => `127.0.0.1:${port}`)
  const create = ['--cluster', 'create', ...addresses, '--cluster-replicas', '1', '--cluster-yes']
  try {
    // Without a limit it waits for ever for a node that does not join.
    execFileSync('redis-cli', create, { stdio: 'pipe', timeout: READY_MS })
    for (const { port } of nodes) await says(port, ['cluster', 'info'], /cluster_state:ok/)
    for (const { port } of nodes) await says(port, ['info', 'replication'], /connected_slaves:1|master_link_status:up/)
  } catch (error) {
    await stop()
    throw error
  }
  // Some of the addresses are enough: the client finds the others.
  return { nodes, url: `redis+cluster://${addresses.slice(0, 3).join(',')}`, stop }
}

/** Waits until a server says this. */
async function says(port, command, expected) {
  const late = Date.now() + READY_MS
  while (!expected.test(execFileSync('redis-cli', ['-p', String(port), ...command]).toString())) {
    if (Date.now() > late) throw new Error(`the server at ${port} does not say ${expected}`)
    await setTimeout(50)
  }
}

async function started(args) {
  const child = spawn('redis-server', args, { stdio: ['ignore', 'pipe', 'ignore'] })
  const failed = once(child, 'error').then(([error]) => Promise.reject(error))
  const late = globalThis.setTimeout(() => child.kill('SIGKILL'), READY_MS)
  let said = ''
  const ready = new Promise((resolve, reject) => {
    createInterface({ input: child.stdout })
      .on('line', (line) => {
        said += `${line}\n`
        if (line.includes('Ready to accept connections')) resolve()
      })
      .on('close', () => reject(new Error(`redis-server did not start:\n${said}`)))
  })
  try {
    await Promise.race([ready, failed])
  } finally {
    clearTimeout(late)
  }
  return child
}
