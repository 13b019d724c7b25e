/** `exchequer serve`: the service over HTTP, with a store of its own. */
import { dirname } from 'node:path'
import { parseArgs } from 'node:util'

import { parsed } from '../document.js'
import { createExchequer } from '../entry/node.js'
import { ConfigurationError } from '../errors.js'
import type { Exchequer } from '../exchequer.js'
import { secretsFrom } from '../node/secrets.js'
import { type Listening, listen } from '../node/server.js'
import type { Store } from '../stores/store.js'
import { type Command, type ExitCode, UsageError, WRONG_USAGE, failure, messageOf, printProblems, printWarnings } from './command.js'
import { AuditLog } from './audit-log.js'
import { Changes, type Outcome } from './changes.js'
import { takeSecrets } from './environment.js'
import { Follower } from './followers.js'
import { fetchOfEnvironment } from './network.js'
import { withMetricsOfAll } from './scrape.js'
import { StoreError, storeOpener } from './stores.js'
import { parseWorkers, supervise, workerNumber } from './workers.js'

const usage = 'exchequer serve --config FILE [--store sqlite:FILE|memory:|postgres://…|redis://…] [--host 127.0.0.1] [--port 9443] [--workers N] [--watch] [--client-timeout 20] [--idle-timeout 60] [--grace 10] [--json]'

const HELP = `usage: ${usage}

Serves the token endpoint and all the other HTTP paths.

  --config FILE  the configuration document; paths of secrets are relative to it
  --store STORE  where records are kept: sqlite:FILE (default: sqlite:exchequer.sqlite),
                 memory:, or the URL of a PostgreSQL server (postgres:), a Redis server
                 (redis:, rediss:) or cluster (redis+cluster:, rediss+cluster:), or a
                 libSQL server; several processes may share one. The password or
                 token is taken from EXCHEQUER_STORE_TOKEN
  --host HOST    the address to listen on (default: 127.0.0.1)
  --port PORT    the port to listen on (default: 9443); 0 takes a free one
  --workers N    how many processes serve (default: 1). They listen on one port and
                 share one store, which cannot be memory:; one that ends is replaced
  --watch        takes over the configuration document whenever it, or a file of a
                 secret in it, changes
  --client-timeout SECONDS
                 how long a client may take to send a request, half of it for the
                 head, and to read the reply (default: 20); then it is cut off
  --idle-timeout SECONDS
                 how long a connection without a request stays open (default: 60):
                 longer than a proxy in front keeps its own
  --grace SECONDS
                 how long requests under way may take at SIGTERM (default: 10)
  --json         notices as JSON lines on standard output, too

The bearer of the token in the environment variable EXCHEQUER_ADMIN_TOKEN may
administer: trusted token issuers, applications, users and their links. Make one
with \`openssl rand -base64 32\`. Without it the administration API is closed but
to access tokens with the scope exchequer:admin, or one below it.

The signing keys that the server makes are encrypted in the store by the key in
EXCHEQUER_KEY_WRAPPING_KEY: 32 bytes in base64, or several with commas between
them, of which the first encrypts and all decrypt. Make one the same way.

The signal SIGHUP makes it read the configuration document again, and so does a
change with --watch. No request fails meanwhile. A document that is wrong is
reported, and the server goes on with the one before. What stands in options and
in the environment does not change.

Keys of issuers are fetched through the proxies in the environment variables
HTTPS_PROXY and HTTP_PROXY, but for the hosts in NO_PROXY. NODE_EXTRA_CA_CERTS
names a PEM file of authorities whose TLS certificates are trusted, too.

Standard output gets one line of JSON for each token request: the decision and
every check that led to it; and one for each administrative write. Notices go to
standard error.

Examples:

  exchequer serve --config exchequer.json
  export EXCHEQUER_ADMIN_TOKEN=$(openssl rand -base64 32)
  exchequer serve --config exchequer.json --port 8080
  exchequer serve --config exchequer.json --workers 4 --watch
  exchequer serve --config exchequer.json --store rediss://redis.internal:6379 --host 0.0.0.0

Exit code: 0 stopped, 1 could not serve, 2 wrong usage or configuration.`

export const serve: Command = {
  name: 'serve',
  summary: 'serves the token endpoint and all the other HTTP paths',
  usage,
  async run(args) {
    const { values } = parseArgs({
      args,
      options: {
        config: { type: 'string' },
        store: { type: 'string', default: 'sqlite:exchequer.sqlite' },
        host: { type: 'string', default: '127.0.0.1' },
        port: { type: 'string', default: '9443' },
        workers: { type: 'string', default: '1' },
        watch: { type: 'boolean', default: false },
        'client-timeout': { type: 'string', default: '20' },
        'idle-timeout': { type: 'string', default: '60' },
        grace: { type: 'string', default: '10' },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h' },
      },
    })
    if (values.help) {
      console.log(HELP)
      return 0
    }
    const { config: file, host, json, watch } = values
    if (file === undefined) throw new UsageError('`--config FILE` is missing')
    const port = parsePort(values.port)
    const timeouts = {
      clientTimeoutMs: parseSeconds('client-timeout', values['client-timeout'], 1),
      idleTimeoutMs: parseSeconds('idle-timeout', values['idle-timeout'], 1),
      graceMs: parseSeconds('grace', values.grace, 0),
    }

    const workers = parseWorkers(values.workers, values.store)
    const open = storeOpener(values.store)
    // What a store keeps is for its owner alone: there are signing keys in it.
    process.umask(0o077)
    const worker = workerNumber()
    if (workers > 1 && worker === undefined) {
      return superviseHere({ file, watch, json, workers, args, graceMs: timeouts.graceMs })
    }
    const code = await serveHere({ file, open, host, port, timeouts, json, watch, worker })
    // The channel to the process that started it would keep a worker alive.
    if (worker !== undefined) process.exit(code)
    // So would a store or a collector that does not answer, but for this.
    setTimeout(() => process.exit(code), LEFT_OPEN_MS).unref()
    return code
  },
}

/** How long what is left open may keep a server alive that has stopped. */
const LEFT_OPEN_MS = 500

/** How long the store has, when the grace is over, for what was begun. */
const LAST_CALLS_MS = 3000

interface Place {
  host: string
  port: number
  timeouts: Readonly<Record<'clientTimeoutMs' | 'idleTimeoutMs' | 'graceMs', number>>
  json: boolean
  /** The number of the worker that this process is, if it is one. */
  worker: number | undefined
}

interface Service extends Place {
  file: string
  open: () => Promise<Store>
  watch: boolean
}

interface Supervised {
  file: string
  watch: boolean
  json: boolean
  workers: number
  args: string[]
  graceMs: number
}

/** Has several processes serve until they are stopped. */
async function superviseHere({ file, watch, ...others }: Supervised): Promise<ExitCode> {
  try {
    const changes = new Changes(file, { watch, json: others.json })
    return await supervise({ ...others, secrets: takeSecrets(), changes })
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error
    printProblems(file, error.problems, others.json)
    return WRONG_USAGE
  }
}

/** Serves in this process until it is stopped. */
async function serveHere({ file, open, watch, ...place }: Service): Promise<ExitCode> {
  const supervisor = place.worker === undefined ? undefined : new Follower()
  const secrets = takeSecrets()
  const changes = new Changes(file, { watch, json: place.json })
  let exchequer: Exchequer | undefined
  const log = new AuditLog((lines) => exchequer?.auditLost(lines))
  try {
    const config = supervisor === undefined ? changes.read() : await supervisor.configuration()
    const service = (exchequer = await createExchequer(config, {
      store: open,
      fetch: await fetchOfEnvironment(),
      secrets: secretsFrom(dirname(file)),
      audit: (line) => log.write(`${line}\n`),
      ...secrets,
      onError: (error) => console.error(`error: ${messageOf(error)}`),
    }))
    if (isFirst(place.worker)) printWarnings(file, service.warnings)
    supervisor?.follow(service)
    if (supervisor === undefined) changes.follow((text) => reconfigured(service, text))
    return await serveUntilStopped(service, issuerOf(config), place)
  } catch (error) {
    if (error instanceof ConfigurationError) {
      printProblems(file, error.problems, place.json)
      return WRONG_USAGE
    }
    if (!(error instanceof StoreError)) throw error
    return failure(error.message, place.json)
  } finally {
    changes.end()
  }
}

/** Takes over a configuration: what is wrong with it, or what is probably not meant. */
async function reconfigured(exchequer: Exchequer, text: string): Promise<Outcome> {
  try {
    await exchequer.reconfigure(text)
  } catch (error) {
    if (error instanceof ConfigurationError) return { problems: error.problems }
    throw error
  }
  return { warnings: exchequer.warnings }
}

async function serveUntilStopped(exchequer: Exchequer, issuer: URL, { host, port, timeouts, json, worker }: Place): Promise<0 | 1> {
  let listening: Listening
  try {
    listening = await listen(worker === undefined ? exchequer : withMetricsOfAll(exchequer, worker), { host, port, ...timeouts })
  } catch (error) {
    await exchequer.close()
    return failure(`cannot listen on ${host}:${port}: ${messageOf(error)}`, json)
  }
  const stopped = signalled(worker)
  const { url } = listening
  if (worker === undefined) {
    if (json) console.log(JSON.stringify({ event: 'listening', url }))
    console.error(`exchequer listens on ${url}`)
  }
  if (isFirst(worker) && isLoopback(issuer) && issuer.port !== new URL(url).port) {
    console.error(`warning: the issuer is ${issuer.origin}, so tokens name an address that this server is not at`)
  }
  await stopped
  if (worker === undefined) console.error('stopping')
  const end = Date.now() + timeouts.graceMs
  await listening.close()
  await exchequer.close({ graceMs: Math.max(end - Date.now(), LAST_CALLS_MS) })
  return 0
}

/** Whether this process says what is the same of every worker. */
function isFirst(worker: number | undefined): boolean {
  return worker === undefined || worker === 1
}

/**
 * Whether the process is to stop. The same signal again ends it at once. But a worker gets it
 * twice where its whole group of processes does: from there, and from the process that started it.
 */
function signalled(worker: number | undefined): Promise<void> {
  return new Promise((resolve) => {
    const hear = worker === undefined ? process.once : process.on
    for (const signal of ['SIGTERM', 'SIGINT'] as const) hear.call(process, signal, () => resolve())
  })
}

function parsePort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN
  if (!(port <= 65_535)) throw new UsageError(`\`${text}\` is no port`)
  return port
}

/** The milliseconds of an option in seconds: up to an hour. */
function parseSeconds(option: string, text: string, least: number): number {
  const seconds = /^\d{1,4}$/.test(text) ? Number(text) : Number.NaN
  if (!(seconds >= least && seconds <= 3600)) throw new UsageError(`\`--${option} ${text}\`: expected ${least} to 3600 seconds`)
  return seconds * 1000
}

/** The issuer of a document that the engine has accepted. */
function issuerOf(config: string): URL {
  return new URL(parsed<{ issuer: string }>(config).issuer)
}

function isLoopback({ protocol, hostname }: URL): boolean {
  return protocol === 'http:' && /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname)
}
