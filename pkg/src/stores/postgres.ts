/**
 * A store in PostgreSQL. Needs the package `pg`.
 *
 * What was committed survives a crash of the server. A call that fails may have
 * been done nevertheless, when the connection ended before its answer came.
 */
import pg from 'pg'

import { type Names, checkMembers } from '../members.js'
import { migrate } from './postgres-schema.js'
import type { Store, StoreWrite, StoredRecord } from './store.js'
import { Sweeper } from './sweeper.js'

/** How long a call may take, with the wait for a connection; then its connection is given up. */
const CALL_MS = 2000

/** How often is looked whether a process of the server has ended. */
const ENDED_MS = 20

/** How often a batch is tried that the server took back because of another one. */
const TRIES = 5

/** A statement was taken back: serialization failure, deadlock. */
const TAKEN_BACK = new Set(['40001', '40P01'])

/** How many rows one sweep removes, so that none takes long. */
const SWEPT_ROWS = 1000

const LIVE = '(expires_at IS NULL OR expires_at > $1)'
const READ = `SELECT key, value, version FROM exchequer_records WHERE ${LIVE} AND key = ANY($2)`
const LIST = `SELECT key, value, version FROM exchequer_records WHERE ${LIVE} AND key >= $2 AND key < $3 AND key > $4 ORDER BY key LIMIT $5`
const COMMIT = 'SELECT exchequer_commit($1, $2, $3, $4, $5) AS held'
const BUSY = "SELECT pid FROM pg_stat_activity WHERE pid = $1 AND (state = 'active' OR query NOT LIKE $2)"
const SWEEP = `DELETE FROM exchequer_records WHERE key IN
  (SELECT key FROM exchequer_records WHERE expires_at <= $1 LIMIT ${SWEPT_ROWS} FOR UPDATE SKIP LOCKED)`

/** Where the records are. */
export interface PostgresOptions {
  /** `postgres://user:password@host:5432/database?sslmode=verify-full`; `options=-csearch_path%3Dname` chooses a schema. */
  url: string
  /** How many connections there may be; 10 if it is absent. */
  connections?: number
}

const OPTIONS: Names<PostgresOptions> = { url: true, connections: true }

/** Opens a store, and makes its tables when they are not there.
 *
 * @param where the URL (`postgres://…`, `postgresql://…`), or the URL with more
 */
export async function postgresStore(where: string | PostgresOptions): Promise<Store> {
  const options = typeof where === 'string' ? { url: where } : where
  checkMembers('postgresStore', options, OPTIONS)
  const { url, connections = 10 } = options
  const pool = new pg.Pool({
    connectionString: url,
    max: connections,
    application_name: 'exchequer',
    keepAlive: true,
    connectionTimeoutMillis: CALL_MS,
    query_timeout: CALL_MS,
    statement_timeout: CALL_MS,
    idle_in_transaction_session_timeout: CALL_MS,
  })
  // An error of an idle connection is reported by the next call; one of a connection in
  // use, by the call.
  pool.on('error', ignore)
  pool.on('connect', (client) => client.on('error', ignore))
  try {
    const client = await pool.connect()
    try {
      await checkServer(client)
      await migrate(client)
    } finally {
      client.release()
    }
  } catch (error) {
    await pool.end()
    throw error
  }
  return new PostgresStore(pool)
}

/** Says no to a server that would forget, among others, which tokens were spent. */
async function checkServer(client: pg.ClientBase): Promise<void> {
  const { rows } = await client.query(
    "SELECT current_setting('fsync', true) AS fsync, current_setting('synchronous_commit', true) AS waits, pg_is_in_recovery() AS standby",
  )
  const { fsync, waits, standby } = rows[0] as { fsync: string | null; waits: string | null; standby: boolean }
  if (standby) throw new Error('the server is a standby, which takes no writes; use the URL of the primary')
  if (fsync === 'off') throw new Error('the server does not write to its disk what it acknowledges; set its `fsync` to `on`')
  if (waits === 'off') throw new Error('the server acknowledges what is not on its disk yet; set its `synchronous_commit` to `on`')
}

class PostgresStore implements Store {
  readonly #pool: pg.Pool
  #commits = 0
  readonly #sweeper = new Sweeper()

  constructor(pool: pg.Pool) {
    this.#pool = pool
  }

  async read(keys: readonly string[], now: number): Promise<(StoredRecord | undefined)[]> {
    const found = new Map((await this.#query(READ, [now, keys])).map((row) => [row['key'], toRecord(row)]))
    return keys.map((key) => found.get(key))
  }

  async list(prefix: string, after: string | undefined, limit: number, now: number): Promise<StoredRecord[]> {
    // Keys are printable ASCII: DEL is behind each of them.
    return (await this.#query(LIST, [now, prefix, `${prefix}\x7f`, after ?? '', limit])).map(toRecord)
  }

  async commit(batch: readonly StoreWrite[], now: number): Promise<boolean> {
    const keys = batch.map(({ key }) => key)
    // A copy: it may be sent later than the caller's bytes change.
    const contents = batch.map(({ value }) => (value === undefined ? null : Buffer.from(value)))
    const expects = batch.map(({ expect }) => String(expect))
    const expiries = batch.map(({ expiresAt }) => expiresAt ?? null)
    const held = await this.#patiently(() => this.#commit([keys, contents, expects, expiries, now]))
    if (held) await this.#sweep(now)
    return held
  }

  async close(): Promise<void> {
    await this.#pool.end()
  }

  /** Whether every expectation held. A mark tells this statement from the others of its connection. */
  async #commit(values: unknown[]): Promise<boolean> {
    const mark = `/* ${++this.#commits} */`
    const client = await this.#pool.connect()
    let failed: Error | undefined
    try {
      const { rows } = await client.query<Row>(`${COMMIT} ${mark}`, values)
      return rows[0]!['held'] === true
    } catch (error) {
      failed = error as Error
      throw error
    } finally {
      client.release(failed)
      if (failed !== undefined && isOfConnection(failed)) await this.#ended((client as unknown as { processID: number }).processID, mark)
    }
  }

  /**
   * Waits until a process of the server has finished the statement with this mark, or has ended. One
   * that has lost its client may not have read the statement yet, and carries it out then.
   * A read before that does not see what it writes.
   */
  async #ended(pid: number, mark: string): Promise<void> {
    for (const late = Date.now() + CALL_MS; Date.now() < late; await pause(ENDED_MS)) {
      const rows = await this.#query(BUSY, [pid, `%${mark}`]).catch(() => [])
      if (rows.length === 0) return
    }
  }

  /** The batch is written by now, so that a sweep that fails is left for the next one. */
  async #sweep(now: number): Promise<void> {
    const before = this.#sweeper.due(now)
    if (before === undefined) return
    this.#sweeper.done(before)
    await this.#query(SWEEP, [before]).catch(() => undefined)
  }

  /** Tries again what was taken back: the server said that nothing of it was done. */
  async #patiently<T>(work: () => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries++) {
      try {
        return await work()
      } catch (error) {
        if (tries === TRIES || !TAKEN_BACK.has((error as { code?: string }).code ?? '')) throw error
        await pause(2 ** tries * (1 + Math.random()))
      }
    }
  }

  /** A connection on which something failed is closed: its server may be a standby by now. */
  async #query(sql: string, values: unknown[]): Promise<Row[]> {
    return (await this.#pool.query<Row>(sql, values)).rows
  }
}

type Row = Record<string, unknown>

function ignore(): void {}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

/** Whether the connection ended: neither did the server say what is wrong, nor was it late. */
const isOfConnection = (error: Error) => !(error instanceof pg.DatabaseError) && !/timeout/i.test(error.message)

function toRecord(row: Row): StoredRecord {
  // Whole numbers of 64 bits come as text.
  return { key: row['key'] as string, value: new Uint8Array(row['value'] as Buffer), version: Number(row['version']) }
}
