/** A PostgreSQL server for one test: on a free port of this machine, with a directory that goes with it. */
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

import pg from 'pg'

import { freePort } from './ports.mjs'

const READY_MS = 60_000
const PASSWORD = 'a-password-of-the-tests'

/** Debian keeps the programs of each version in a folder of its own. */
const DEBIAN = '/usr/lib/postgresql'

/** The folder of the newest server on this machine. */
const programs = (existsSync(DEBIAN) ? readdirSync(DEBIAN) : [])
  .sort((one, other) => Number(other) - Number(one))
  .map((version) => join(DEBIAN, version, 'bin'))
  .find((folder) => existsSync(join(folder, 'initdb')) && existsSync(join(folder, 'postgres')))

/** Why there is no PostgreSQL to test with, or `false`. In CI there has to be one. */
export const noPostgres = programs === undefined && !process.env.CI ? 'PostgreSQL is not installed' : false

/** The server refuses to run as root, so it runs as the user that its package made. */
const identity = (() => {
  if (process.getuid?.() !== 0) return {}
  const number = (flag) => Number(spawnSync('id', [flag, 'postgres']).stdout.toString())
  return { uid: number('-u'), gid: number('-g') }
})()

/** Starts one with these settings, as a standby of nobody if it is to be one. */
export async function postgresServer(...more) {
  const settings = more.filter((one) => typeof one === 'string')
  const isStandby = more.some((one) => one.standby === true)
  const directory = mkdtempSync(join(tmpdir(), 'exchequer-postgres-'))
  const password = join(directory, 'password')
  writeFileSync(password, PASSWORD)
  if (identity.uid !== undefined) for (const path of [directory, password]) chownSync(path, identity.uid, identity.gid)
  const data = join(directory, 'data')
  const made = ['--pgdata', data, '--username', 'exchequer', '--pwfile', password, '--auth', 'scram-sha-256', '--encoding', 'UTF8', '--no-sync']
  execFileSync(join(programs, 'initdb'), made, { ...identity, cwd: directory, stdio: 'ignore' })
  if (isStandby) writeFileSync(join(data, 'standby.signal'), '')

  const port = await freePort()
  const own = [`listen_addresses=127.0.0.1`, `port=${port}`, `unix_socket_directories=`, ...settings]
  const args = ['-D', data, ...own.flatMap((setting) => ['-c', setting])]
  let child = await started(args, directory)
  const base = `postgres://exchequer:${PASSWORD}@127.0.0.1:${port}`

  const end = async (signal) => {
    if (child.exitCode !== null || child.signalCode !== null) return
    const exited = once(child, 'exit')
    child.kill(signal)
    await exited
  }
  /** The server is a process for each connection, and some more. */
  const family = (signal) => {
    const children = spawnSync('ps', ['-o', 'pid=', '--ppid', String(child.pid)]).stdout.toString().split('\n').filter(Boolean).map(Number)
    for (const pid of [child.pid, ...children]) {
      try {
        process.kill(pid, signal)
      } catch {
        // It has ended by itself.
      }
    }
  }
  return {
    url: `${base}/postgres`,
    /** An empty database. */
    async database(name) {
      await asked(`${base}/postgres`, `CREATE DATABASE ${name}`)
      return `${base}/${name}`
    },
    /** Carries out one statement, and says what it found. */
    ask: (sql, url = `${base}/postgres`) => asked(url, sql),
    /** Ends it as a crash would. */
    async kill() {
      const exited = once(child, 'exit')
      family('SIGKILL')
      await exited
    },
    pause: () => family('SIGSTOP'),
    resume: () => family('SIGCONT'),
    /** Starts it again, with what it kept. */
    async restart() {
      child = await started(args, directory)
    },
    async stop() {
      await end('SIGINT')
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

async function asked(url, sql) {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query(sql)).rows
  } finally {
    await client.end()
  }
}

async function started(args, cwd) {
  const child = spawn(join(programs, 'postgres'), args, { ...identity, cwd, stdio: ['ignore', 'ignore', 'pipe'] })
  const failed = once(child, 'error').then(([error]) => Promise.reject(error))
  const late = setTimeout(() => child.kill('SIGKILL'), READY_MS)
  let said = ''
  const ready = new Promise((resolve, reject) => {
    createInterface({ input: child.stderr })
      .on('line', (line) => {
        if (said.length < 10_000) said += `${line}\n`
        if (/database system is ready to accept (read-only )?connections/.test(line)) resolve()
      })
      .on('close', () => reject(new Error(`postgres did not start:\n${said}`)))
  })
  try {
    await Promise.race([ready, failed])
  } finally {
    clearTimeout(late)
  }
  return child
}
