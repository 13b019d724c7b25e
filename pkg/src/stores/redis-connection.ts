/**
 * A connection to a server or a cluster of Redis that never makes a caller wait for long: a call fails
 * at once while there is no connection, and after `CALL_MS` when the server
 * does not answer. It comes back by itself.
 *
 * A call that fails may have been done nevertheless, when the connection ended
 * before its answer came.
 */
import { RESP_TYPES, type RedisClientOptions, createClient, createCluster, defineScript } from 'redis'

import { type Names, checkMembers } from '../members.js'
import { COMMIT, LIST } from './redis-scripts.js'

/** How long a call may take; then its connection is given up. */
const CALL_MS = 2000

/** How often is looked whether there is a connection again. */
const READY_MS = 20

/** How long a node of a cluster may be gone before the client asks who stands in for it. */
const ANOTHER_MASTER_MS = 500

/** The commands that a server and a cluster both take: all names of one slot are at one node. */
export interface Client {
  mGet(names: string[]): Promise<unknown>
  commitBatch(keys: string[], args: (string | Buffer)[]): Promise<unknown>
  listRecords(keys: string[], args: string[]): Promise<unknown>
  connect(): Promise<unknown>
  destroy(): void
  duplicate(): Client
  on(event: 'error', listener: () => void): Client
  readonly isReady: boolean
}

/** A client that is not connected yet. */
interface Made {
  client: Client
  /** What every server that is written to says of its memory. */
  memory(): Promise<string[]>
}

/** A cluster, by some of its nodes. */
export interface ClusterOptions {
  /** The URLs of nodes: of one that is there, the client learns all others. */
  rootNodes: { url: string }[]
  /** What holds for every node: `username`, `password`, `socket.tls`. */
  defaults?: Omit<RedisClientOptions, 'url'>
}

const CLUSTER_OPTIONS: Names<ClusterOptions> = { rootNodes: true, defaults: true }

export class Connection {
  #client: Client

  private constructor(client: Client) {
    this.#client = client
  }

  /** Connects, once: what cannot be reached now rejects. */
  static async open(options: RedisClientOptions | ClusterOptions): Promise<Connection> {
    const opening = { done: false }
    const { client, memory } = 'rootNodes' in options ? cluster(options) : server(options, opening)
    client.on('error', ignore)
    try {
      await client.connect()
      // Not every account may ask; then the operator's word has to do.
      checkMemory(await memory().catch(unless(/^NOPERM/)))
    } catch (error) {
      client.destroy()
      throw error
    }
    opening.done = true
    return new Connection(client)
  }

  async call<T>(command: (client: Client) => Promise<T>): Promise<T> {
    const client = this.#client
    const wasReady = client.isReady
    const timer = setTimeout(() => this.#giveUp(client), CALL_MS)
    try {
      return await command(client)
    } catch (error) {
      // Whoever lost an answer looks next whether it was done, and needs a connection for that.
      if (wasReady && !client.isReady) await this.#ready()
      throw error
    } finally {
      clearTimeout(timer)
    }
  }

  /** Waits until there is a connection, for as long as a call may take. */
  async #ready(): Promise<void> {
    for (let waited = 0; !this.#client.isReady && waited < CALL_MS; waited += READY_MS) {
      await new Promise((resolve) => setTimeout(resolve, READY_MS))
    }
  }

  close(): void {
    this.#client.destroy()
  }

  /** Ends what does not answer, so that all calls on it fail, and connects anew. */
  #giveUp(client: Client): void {
    if (client !== this.#client) return
    this.#client = client.duplicate().on('error', ignore)
    this.#client.connect().catch(ignore)
    client.destroy()
  }
}

const SHARED = {
  RESP: 2,
  // The client's own limit ends when a command is sent.
  commandOptions: { timeout: 0, typeMapping: { [RESP_TYPES.BLOB_STRING]: Buffer } },
  scripts: { commitBatch: script(COMMIT), listRecords: script(LIST) },
} as const

function server(options: RedisClientOptions, opening: { done: boolean }): Made {
  const client = createClient({ ...options, ...SHARED, ...patience(options, (tries) => opening.done && pause(tries)) })
  return { client: client as unknown as Client, memory: async () => [String(await client.info('memory'))] }
}

function cluster(options: ClusterOptions): Made {
  checkMembers('redisStore', options, CLUSTER_OPTIONS)
  const { rootNodes, defaults = {} } = options
  const client = createCluster({
    ...SHARED,
    rootNodes,
    defaults: { ...defaults, ...patience(defaults, pause) },
    topologyRefreshOnReconnectionAttemptStrategy: ANOTHER_MASTER_MS,
  })
  const memoryOf = async (node: (typeof client.masters)[number]) => String(await (await client.nodeClient(node)).info('memory'))
  return { client: client as unknown as Client, memory: () => Promise.all(client.masters.map(memoryOf)) }
}

/** How long to wait, for what, and how often. */
function patience({ socket }: RedisClientOptions, reconnectStrategy: (tries: number) => number | false) {
  const limits = {
    connectTimeout: CALL_MS,
    // Pings keep it from running out, unless the server went without a word.
    socketTimeout: 2 * CALL_MS,
    reconnectStrategy,
  }
  return { socket: { ...limits, ...socket } as typeof limits, pingInterval: CALL_MS, disableOfflineQueue: true }
}

const pause = (tries: number) => Math.min(25 * 2 ** tries, 1000) * (0.5 + Math.random() / 2)

/** Called by its hash, and sent whole when the server does not know it. */
function script(SCRIPT: string) {
  return defineScript({
    SCRIPT,
    parseCommand(parser, keys: string[], args: (string | Buffer)[]) {
      parser.pushKeysLength(keys)
      parser.push(...args)
    },
    transformReply: (reply: unknown) => reply,
  })
}

/** Says no to a server that would forget, among others, which tokens were spent. */
function checkMemory(servers: string[]): void {
  if (servers.some((said) => /^maxmemory:[1-9]/m.test(said) && !/^maxmemory_policy:noeviction/m.test(said))) {
    throw new Error('the server drops records when its memory is full; set its `maxmemory-policy` to `noeviction`')
  }
}

/** Takes a failure of this kind for no answer, and throws every other one. */
function unless(kind: RegExp): (error: Error) => never[] {
  return (error) => {
    if (kind.test(error.message)) return []
    throw error
  }
}

/** Of an error of the connection, whoever calls meanwhile hears. */
function ignore(): void {}
