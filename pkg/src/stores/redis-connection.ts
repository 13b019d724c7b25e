/**
 * A connection to Redis that never makes a caller wait for long: a call fails
 * at once while there is no connection, and after `CALL_MS` when the server
 * does not answer. It comes back by itself.
 *
 * A call that fails may have been done nevertheless, when the connection ended
 * before its answer came.
 */
import { RESP_TYPES, type RedisClientOptions, createClient, defineScript } from 'redis'

import { COMMIT, LIST } from './redis-scripts.js'

/** How long a call may take; then its connection is given up. */
const CALL_MS = 2000

export type Client = ReturnType<typeof makeClient>

export class Connection {
  #client: Client

  private constructor(client: Client) {
    this.#client = client
  }

  /** Connects, once: what cannot be reached now rejects. */
  static async open(options: RedisClientOptions): Promise<Connection> {
    const opening = { done: false }
    const client = makeClient(options, opening)
    await client.connect()
    try {
      await checkMemory(client)
    } catch (error) {
      client.destroy()
      throw error
    }
    opening.done = true
    return new Connection(client)
  }

  async call<T>(command: (client: Client) => Promise<T>): Promise<T> {
    const client = this.#client
    const timer = setTimeout(() => this.#giveUp(client), CALL_MS)
    try {
      return await command(client)
    } finally {
      clearTimeout(timer)
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

function makeClient(options: RedisClientOptions, opening: { done: boolean }) {
  const socket = {
    connectTimeout: CALL_MS,
    // Pings keep it from running out, unless the server went without a word.
    socketTimeout: 2 * CALL_MS,
    reconnectStrategy: (tries: number) => opening.done && Math.min(25 * 2 ** tries, 1000) * (0.5 + Math.random() / 2),
  }
  const client = createClient({
    ...options,
    RESP: 2,
    socket: { ...socket, ...options.socket } as typeof socket,
    pingInterval: CALL_MS,
    disableOfflineQueue: true,
    // The client's own limit ends when a command is sent.
    commandOptions: { timeout: 0, typeMapping: { [RESP_TYPES.BLOB_STRING]: Buffer } },
    scripts: { commitBatch: script(COMMIT), listRecords: script(LIST) },
  })
  return client.on('error', ignore)
}

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
async function checkMemory(client: Client): Promise<void> {
  // Not every account may ask; then the operator's word has to do.
  const info = String(await client.info('memory').catch(() => ''))
  if (/^maxmemory:[1-9]/m.test(info) && !/^maxmemory_policy:noeviction/m.test(info)) {
    throw new Error('the server drops records when its memory is full; set its `maxmemory-policy` to `noeviction`')
  }
}

/** Of an error of the connection, whoever calls meanwhile hears. */
function ignore(): void {}
