/**
 * A store in SQLite: a local file, or a libSQL server. Needs the package
 * `@libsql/client`.
 *
 * A batch is one SQLite transaction. Its expectations are statements that
 * violate a constraint when they do not hold, so it needs one round trip and
 * no transaction is ever left open. What was committed survives a crash of the
 * machine (WAL with `synchronous = FULL`).
 */
import { type Client, type Config, type InStatement, LibsqlError, type Row, createClient } from '@libsql/client'

import type { Store, StoreWrite, StoredRecord } from './store.js'

/** Seconds between two sweeps of expired records. */
const SWEEP_SECONDS = 60

/**
 * How much of a file is kept in memory: the upper pages of the trees of some
 * million records, without which every look-up reads them anew.
 */
const CACHE_KIB = 32_768

/** How long to wait for another process that writes to the same file. */
const BUSY_MS = 5000

const SCHEMA = [
  // A version is a row id, which AUTOINCREMENT never uses twice.
  `CREATE TABLE IF NOT EXISTS records (
     version INTEGER PRIMARY KEY AUTOINCREMENT,
     key TEXT NOT NULL UNIQUE,
     value BLOB NOT NULL,
     expires_at INTEGER
   )`,
  'CREATE INDEX IF NOT EXISTS records_expiry ON records (expires_at) WHERE expires_at IS NOT NULL',
  // Always empty: nothing but 0 is ever inserted, which fails.
  'CREATE TABLE IF NOT EXISTS expectations (held INTEGER NOT NULL CHECK (held))',
]

const LIVE = '(expires_at IS NULL OR expires_at > ?)'
const READ = `SELECT key, value, version FROM records WHERE key IN (SELECT value FROM json_each(?)) AND ${LIVE}`
const LIST = `SELECT key, value, version FROM records WHERE key >= ? AND key < ? AND key > ? AND ${LIVE} ORDER BY key LIMIT ?`
const EXPECT_ABSENT = `INSERT INTO expectations SELECT 0 WHERE EXISTS (SELECT 1 FROM records WHERE key = ? AND ${LIVE})`
const EXPECT_VERSION = `INSERT INTO expectations SELECT 0 WHERE NOT EXISTS (SELECT 1 FROM records WHERE key = ? AND version = ? AND ${LIVE})`
const PUT = 'INSERT OR REPLACE INTO records (key, value, expires_at) VALUES (?, ?, ?)'
const DELETE = 'DELETE FROM records WHERE key = ?'
const SWEEP = 'DELETE FROM records WHERE expires_at <= ?'

/** Opens a store.
 *
 * @param where a URL (`file:exchequer.sqlite`, `libsql://…`), or the
 *   configuration of `@libsql/client` with URL and token
 */
export async function sqliteStore(where: string | Config): Promise<Store> {
  const config = typeof where === 'string' ? { url: where } : where
  const client = createClient({ timeout: BUSY_MS, concurrency: 1, ...config })
  if (client.protocol === 'file') {
    await keepLog(client)
    await client.execute('PRAGMA synchronous = FULL')
    await client.execute(`PRAGMA cache_size = -${CACHE_KIB}`)
  }
  await client.batch(SCHEMA, 'write')
  return new SqliteStore(client)
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
  #swept = 0

  constructor(client: Client) {
    this.#client = client
  }

  async read(keys: readonly string[], now: number): Promise<(StoredRecord | undefined)[]> {
    const { rows } = await this.#client.execute({ sql: READ, args: [JSON.stringify(keys), now] })
    const found = new Map(rows.map((row) => [row['key'], toRecord(row)]))
    return keys.map((key) => found.get(key))
  }

  async list(prefix: string, after: string | undefined, limit: number, now: number): Promise<StoredRecord[]> {
    // Keys are printable ASCII: DEL is behind each of them.
    const args = [prefix, `${prefix}\x7f`, after ?? '', now, limit]
    const { rows } = await this.#client.execute({ sql: LIST, args })
    return rows.map(toRecord)
  }

  async commit(batch: readonly StoreWrite[], now: number): Promise<boolean> {
    const statements = [...batch.flatMap((write) => expectation(write, now)), ...batch.map(written)]
    const sweeping = now >= this.#swept + SWEEP_SECONDS
    if (sweeping) statements.push({ sql: SWEEP, args: [now] })
    try {
      await this.#client.batch(statements, 'write')
    } catch (error) {
      if (error instanceof LibsqlError && error.code.startsWith('SQLITE_CONSTRAINT')) return false
      throw error
    }
    if (sweeping) this.#swept = now
    return true
  }

  close(): void {
    this.#client.close()
  }
}

function expectation({ key, expect }: StoreWrite, now: number): InStatement[] {
  if (expect === 'any') return []
  if (expect === 'absent') return [{ sql: EXPECT_ABSENT, args: [key, now] }]
  return [{ sql: EXPECT_VERSION, args: [key, expect, now] }]
}

function written({ key, value, expiresAt }: StoreWrite): InStatement {
  if (value === undefined) return { sql: DELETE, args: [key] }
  return { sql: PUT, args: [key, value, expiresAt ?? null] }
}

function toRecord(row: Row): StoredRecord {
  return {
    key: row['key'] as string,
    value: new Uint8Array(row['value'] as ArrayBuffer),
    version: row['version'] as number,
  }
}
