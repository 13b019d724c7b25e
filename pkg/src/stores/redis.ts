/**
 * A store in Redis, which several servers can share. Needs the package `redis`.
 *
 * A batch is one script, which Redis runs as one step. All names carry one hash
 * tag, so that a cluster keeps them in one slot.
 *
 * A record expires by the caller's `now`, as in every store. That Redis forgets
 * it is a matter of memory only, and happens ten minutes later, by a time to
 * live that is counted from the write: the server's clock need not agree with
 * the callers', and theirs may be ten minutes apart.
 *
 * What is acknowledged is as safe as the server keeps it. One that loses
 * nothing when it crashes has `appendonly yes` and `appendfsync always`.
 */
import type { RedisClientOptions } from 'redis'

import { type ClusterOptions, Connection } from './redis-connection.js'
import type { Store, StoreWrite, StoredRecord } from './store.js'
import { Sweeper } from './sweeper.js'

export type { ClusterOptions } from './redis-connection.js'

/** Opens a store.
 *
 * @param where the URL of a server (`redis://…`, `rediss://…`) or of a cluster
 *   (`redis+cluster://host:6379,host:6379`, `rediss+cluster://…`); or the options of
 *   `createClient` of the package `redis`, or those of a cluster
 * @param prefix what the names of all keys begin with, in braces
 */
export async function redisStore(where: string | RedisClientOptions | ClusterOptions, prefix = 'exchequer:'): Promise<Store> {
  const connection = await Connection.open(typeof where === 'string' ? optionsOf(where) : where)
  const store = new RedisStore(connection, `{${prefix}}`)
  try {
    await store.tryOut()
  } catch (error) {
    store.close()
    throw error
  }
  return store
}

/** A key that the engine does not use, written and deleted in one step. */
const TRIED = 'tried'

/** What a server that is otherwise good says while it has no memory, no disk or no replicas: that passes. */
const PASSES = /^(OOM|MISCONF|NOREPLICAS)\b/

/** What a URL says. That of a cluster may name several nodes, with commas between. */
function optionsOf(where: string): RedisClientOptions | ClusterOptions {
  const [, tls, account, nodes] = /^redis(s?)\+cluster:\/\/(?:([^@/]*)@)?([^@/?#]+)\/?$/.exec(where) ?? []
  if (nodes === undefined) return { url: where }
  const [username = '', password = ''] = (account ?? '').split(':').map(decodeURIComponent)
  return {
    rootNodes: nodes.split(',').map((node) => ({ url: `redis${tls}://${node}` })),
    defaults: { ...(username && { username }), ...(password && { password }), ...(tls && { socket: { tls: true } }) },
  }
}

class RedisStore implements Store {
  readonly #connection: Connection
  /** What the names of records begin with. */
  readonly #root: string
  readonly #keys: string
  readonly #commits: string[]
  readonly #sweeper = new Sweeper()

  constructor(connection: Connection, tag: string) {
    this.#connection = connection
    this.#root = `${tag}record/`
    this.#keys = `${tag}keys`
    this.#commits = [`${tag}versions`, this.#keys, `${tag}expiring`]
  }

  /** Does once what it will do: an account may not be allowed to, and a replica takes no writes. */
  async tryOut(): Promise<void> {
    await this.read([TRIED], 0)
    await this.list(TRIED, undefined, 1, 0)
    const write = { key: TRIED, expect: 'any', expiresAt: 1 } as const
    const batch = [{ ...write, value: new Uint8Array() }, { ...write, value: undefined }]
    try {
      await this.#commit(batch, 0, '-inf')
    } catch (error) {
      const { message } = error as Error
      if (/\bREADONLY\b/.test(message)) throw new Error('the server is a replica, which takes no writes; use the URL of its master', { cause: error })
      if (!PASSES.test(message)) throw error
    }
  }

  async read(keys: readonly string[], now: number): Promise<(StoredRecord | undefined)[]> {
    if (keys.length === 0) return []
    const names = keys.map((key) => this.#root + key)
    const found: unknown = await this.#connection.call((client) => client.mGet(names))
    return keys.map((key, i) => toRecord(key, (found as (Buffer | null)[])[i]!, now))
  }

  async list(prefix: string, after: string | undefined, limit: number, now: number): Promise<StoredRecord[]> {
    const low = after === undefined || after < prefix ? `[${prefix}` : `(${after}`
    // Keys are printable ASCII: DEL is behind each of them.
    const args = [this.#root, String(now), low, `(${prefix}\x7f`, String(limit)]
    const found = await this.#connection.call((client) => client.listRecords([this.#keys], args))
    const records: StoredRecord[] = []
    for (const [key, record] of found as [Buffer, Buffer][]) records.push(toRecord(key.toString(), record, now)!)
    return records
  }

  commit(batch: readonly StoreWrite[], now: number): Promise<boolean> {
    return this.#commit(batch, now, String(this.#sweeper.before(now)))
  }

  /** Writes a batch, and removes what expired before this. */
  async #commit(batch: readonly StoreWrite[], now: number, before: string): Promise<boolean> {
    const args = [this.#root, String(now), before, ...batch.flatMap(toArguments)]
    return (await this.#connection.call((client) => client.commitBatch(this.#commits, args))) === 1
  }

  close(): void {
    this.#connection.close()
  }
}

function toArguments({ key, value, expect, expiresAt }: StoreWrite): (string | Buffer)[] {
  // A copy: it may be sent later than the caller's bytes change.
  const [what, bytes] = value === undefined ? ['delete', ''] : ['put', Buffer.from(value)]
  return [key, String(expect), String(expiresAt ?? ''), what, bytes]
}

/** A record is its version, when it expires, and its value, with spaces between. */
function toRecord(key: string, record: Buffer | null, now: number): StoredRecord | undefined {
  if (record === null) return undefined
  const first = record.indexOf(' ')
  const second = record.indexOf(' ', first + 1)
  const version = Number(record.toString('latin1', 0, first))
  const expires = record.toString('latin1', first + 1, second)
  if (expires !== '' && Number(expires) <= now) return undefined
  return { key, value: new Uint8Array(record.subarray(second + 1)), version }
}
