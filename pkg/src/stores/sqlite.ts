/**
 * A store in SQLite: a local file, or a libSQL server. Needs the package
 * `@libsql/client`.
 *
 * What was committed survives a crash of the machine (WAL with `synchronous =
 * FULL`).
 *
 * A server that does not answer makes no caller wait for long. A call that fails may have
 * been done nevertheless, when its answer did not come.
 */
import { type Client, type Config, LibsqlError, createClient } from '@libsql/client'

import { SCHEMA, commitStatements, inOrder, listStatement, readStatement, sweepStatement, toRecord } from './sql.js'
import type { Store, StoreWrite, StoredRecord } from './store.js'
import { Sweeper } from './sweeper.js'
import { Turns } from './turns.js'

/**
 * How much of a file is kept in memory: the upper pages of the trees of some
 * million records, without which every look-up reads them anew.
 */
const CACHE_KIB = 32_768

/** How long to wait for another process that writes to the same file. */
const BUSY_MS = 5000

/** How long a server may take to answer. */
const CALL_MS = 2000

/** Opens a store.
 *
 * @param where a URL (`file:exchequer.sqlite`, `libsql://…`), or the
 *   configuration of `@libsql/client` with URL and token
 */
export async function sqliteStore(where: string | Config): Promise<Store> {
  const config = typeof where === 'string' ? { url: where } : where
  const client = createClient({ timeout: BUSY_MS, concurrency: 1, ...config, fetch: patiently(config.fetch) })
  if (client.protocol === 'file') {
    await keepLog(client)
    await client.execute('PRAGMA synchronous = FULL')
    await client.execute(`PRAGMA cache_size = -${CACHE_KIB}`)
  }
  const store = new SqliteStore(client)
  try {
    await store.open()
  } catch (error) {
    store.close()
    throw error
  }
  return store
}

/** A `fetch` that gives up a server that does not answer. A file is not fetched. */
function patiently(given: Config['fetch']): (request: Request) => Promise<Response> {
  const fetches = (given ?? fetch) as typeof fetch
  return (request) => fetches(request, { signal: AbortSignal.timeout(CALL_MS) })
}

/** Makes a write-ahead log. SQLite does not wait here for another process that does the same, so this does. */
async function keepLog(client: Client): Promise<void> {
  for (let waited = 0; ; waited += 20) {
    try {
      await client.execute('PRAGMA journal_mode = WAL')
      return
    } catch (error) {
      const busy = error instanceof LibsqlError && error.code === 'SQLITE_BUSY'
      if (!busy || waited >= BUSY_MS) throw error
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }
}

class SqliteStore implements Store {
  readonly #client: Client
  readonly #sweeper = new Sweeper()
  /** A file answers when it can: SQLite itself waits for others, and no longer than it may. */
  readonly #turns: Turns | undefined

  constructor(client: Client) {
    this.#client = client
    this.#turns = client.protocol === 'file' ? undefined : new Turns(CALL_MS)
  }

  async open(): Promise<void> {
    await this.#call(() => this.#client.batch(SCHEMA, 'write'))
  }

  async read(keys: readonly string[], now: number): Promise<(StoredRecord | undefined)[]> {
    const { rows } = await this.#call(() => this.#client.execute(readStatement(keys, now)))
    return inOrder(keys, rows)
  }

  async list(prefix: string, after: string | undefined, limit: number, now: number): Promise<StoredRecord[]> {
    const { rows } = await this.#call(() => this.#client.execute(listStatement(prefix, after, limit, now)))
    return rows.map(toRecord)
  }

  async commit(batch: readonly StoreWrite[], now: number): Promise<boolean> {
    const statements = commitStatements(batch, now)
    const before = this.#sweeper.due(now)
    if (before !== undefined) statements.push(sweepStatement(before))
    try {
      await this.#call(() => this.#client.batch(statements, 'write'))
    } catch (error) {
      if (error instanceof LibsqlError && error.code.startsWith('SQLITE_CONSTRAINT')) return false
      throw error
    }
    if (before !== undefined) this.#sweeper.done(before)
    return true
  }

  close(): void {
    this.#client.close()
  }

  #call<T>(call: () => Promise<T>): Promise<T> {
    return this.#turns === undefined ? call() : this.#turns.take(call)
  }
}
