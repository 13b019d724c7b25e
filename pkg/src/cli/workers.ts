/**
 * `exchequer serve --workers N`: several processes that listen on one port and
 * share one store. This process serves nothing itself. It starts them, replaces
 * one that ends, writes their audit lines whole, and ends with them.
 */
import cluster, { type Worker } from 'node:cluster'
import type { Readable } from 'node:stream'

import { AuditLog } from './audit-log.js'
import type { Changes } from './changes.js'
import { UsageError } from './command.js'
import { type ServerSecrets, environmentOf } from './environment.js'
import { Followers } from './followers.js'
import { relayScrapes } from './scrape.js'

/** The environment variable that tells a worker its number. */
const NUMBER = 'EXCHEQUER_WORKER'
const MOST = 256

/** A worker that has listened for less than this is not replaced at once when it ends. */
const STABLE_MS = 5000
const LONGEST_PAUSE_MS = 30_000

/** How long workers may take to end when the grace of their requests is over. */
const PATIENCE_MS = 5_000

/** What workers are started with. */
export interface Supervision {
  workers: number
  /** The arguments of `exchequer serve`. */
  args: string[]
  secrets: ServerSecrets
  json: boolean
  /** How long requests under way may take when the server stops. */
  graceMs: number
  /** The configuration document, which all workers follow. */
  changes: Changes
}

/** One of the workers, whichever process it is at the time. */
interface Slot {
  readonly number: number
  worker: Worker
  listens: boolean
  /** When it began to listen. */
  since: number | undefined
  /** How often in succession it ended soon. */
  failures: number
}

/** The number of this worker; `undefined` in a process that is none. */
export function workerNumber(): number | undefined {
  return cluster.isWorker ? Number(process.env[NUMBER]) : undefined
}

export function parseWorkers(text: string, store: string): number {
  const workers = /^\d{1,3}$/.test(text) ? Number(text) : 0
  if (workers < 1 || workers > MOST) throw new UsageError(`\`${text}\` is no number of workers: use 1 to ${MOST}`)
  if (workers > 1 && /^memory:|:memory:/.test(store)) {
    throw new UsageError(
      `${workers} workers cannot share a store in memory: use sqlite:FILE, or the URL of a PostgreSQL, Redis or libSQL server`,
    )
  }
  return workers
}

/** Runs until it is stopped by a signal, or until the first worker cannot start; the exit code. */
export function supervise(options: Supervision): Promise<0 | 1 | 2> {
  return new Supervisor(options).run()
}

class Supervisor {
  readonly #options: Supervision
  readonly #slots: Slot[] = []
  readonly #ended = new Set<Promise<void>>()
  readonly #pauses = new Set<NodeJS.Timeout>()
  readonly #followers: Followers
  readonly #log = new AuditLog((lines) => (this.#linesLost += lines))
  #linesLost = 0
  #stopping = false

  constructor(options: Supervision) {
    this.#options = options
    this.#followers = new Followers(options.changes.read())
  }

  async run(): Promise<0 | 1 | 2> {
    const { args, changes, json, workers } = this.#options
    // Workers run the file that this process runs.
    cluster.setupPrimary({
      args: ['serve', ...args],
      stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    })
    relayScrapes({
      workers: () => this.#slots.filter(({ listens }) => listens),
      linesLost: () => this.#linesLost,
    })
    const stopped = new Promise<void>((resolve) => {
      process.once('SIGTERM', resolve)
      process.once('SIGINT', resolve)
    })
    void stopped.then(() => this.#stop())

    // What keeps one from starting keeps all of them, and is said once.
    const first = this.#start(1)
    const url = await first
    if (typeof url === 'number') return this.#stopping ? 0 : url === 2 ? 2 : 1
    const others = Array.from({ length: workers - 1 }, (_, index) => this.#start(index + 2))
    await Promise.race([Promise.all(others), stopped])
    changes.follow((text) => this.#followers.change(text))
    if (!this.#stopping) {
      const processes = this.#slots.map(({ number, worker }) => ({ worker: number, pid: worker.process.pid }))
      if (json) console.log(JSON.stringify({ event: 'listening', url, workers: processes }))
      console.error(`exchequer listens on ${url}, with ${workers} workers`)
    }
    await stopped
    changes.end()
    await Promise.all(this.#ended)
    return 0
  }

  /** Starts a worker: the URL that it listens on, or the exit code of one that ended before. */
  #start(number: number, failures = 0): Promise<string | number> {
    const worker = cluster.fork({ [NUMBER]: number, ...environmentOf(this.#options.secrets) })
    const slot: Slot = { number, worker, listens: false, since: undefined, failures }
    this.#slots[number - 1] = slot
    forwardLines(worker.process.stdout!, this.#log)
    const started = new Promise<string | number>((resolve) => {
      worker.once('listening', (address) => {
        slot.listens = true
        slot.since = Date.now()
        resolve(urlOf(address))
      })
      worker.process.once('close', (code) => resolve(code ?? 1))
    })
    // Its standard output is read to the end when it is closed.
    const ended = new Promise<void>((resolve) => {
      worker.process.once('close', (code, signal) => {
        this.#ended.delete(ended)
        resolve()
        this.#replace(slot, signal ?? `exit code ${code}`)
      })
    })
    this.#ended.add(ended)
    if (this.#stopping) worker.process.kill('SIGTERM')
    return started
  }

  /** Starts another worker in the place of one that ended. */
  #replace(slot: Slot, why: string): void {
    const { number, worker, since } = slot
    slot.listens = false
    // The first one that cannot even start ends the server.
    if (this.#stopping || this.#slots.length < this.#options.workers) return
    const isStable = since !== undefined && Date.now() - since >= STABLE_MS
    const failures = isStable ? 0 : slot.failures + 1
    const pause = failures === 0 ? 0 : Math.min(1000 * 2 ** (failures - 1), LONGEST_PAUSE_MS)
    const { pid } = worker.process
    const event = { event: 'workerEnded', worker: number, pid, why, replacedInMs: pause }
    this.#say(event, `worker ${number} (process ${pid}) ended: ${why}; another one starts ${pause === 0 ? 'now' : `in ${pause / 1000} s`}`)
    const timer = setTimeout(() => {
      this.#pauses.delete(timer)
      void this.#start(number, failures).then((url) => {
        if (typeof url === 'number') return
        const { pid } = this.#slots[number - 1]!.worker.process
        this.#say({ event: 'workerStarted', worker: number, pid }, `worker ${number} (process ${pid}) listens`)
      })
    }, pause)
    this.#pauses.add(timer)
  }

  #say(event: object, sentence: string): void {
    if (this.#options.json) console.log(JSON.stringify(event))
    console.error(sentence)
  }

  #stop(): void {
    this.#stopping = true
    console.error('stopping')
    for (const pause of this.#pauses) clearTimeout(pause)
    const kill = (signal: NodeJS.Signals) => this.#slots.forEach(({ worker }) => worker.process.kill(signal))
    kill('SIGTERM')
    setTimeout(() => kill('SIGKILL'), this.#options.graceMs + PATIENCE_MS).unref()
  }
}

function urlOf({ address, port, addressType }: { address: string; port: number; addressType: number | string }): string {
  return `http://${addressType === 6 ? `[${address}]` : address}:${port}`
}

/**
 * Writes the lines of a worker to standard output, whole: of a pipe that several
 * processes write to, only short writes stay in one piece. Half a line, of a
 * worker that was killed, is left out.
 */
function forwardLines(from: Readable, log: AuditLog): void {
  let rest: Buffer[] = []
  from.on('data', (chunk: Buffer) => {
    const end = chunk.lastIndexOf(10) + 1
    if (end === 0) {
      rest.push(chunk)
      return
    }
    const lines = Buffer.concat([...rest, chunk.subarray(0, end)])
    rest = end < chunk.length ? [chunk.subarray(end)] : []
    log.write(lines)
    if (log.isFull(() => from.resume())) from.pause()
  })
}
