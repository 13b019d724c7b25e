/**
 * Records in SQLite, for every store that is SQLite inside: a file, a libSQL
 * server, Cloudflare's D1 and Durable Objects.
 *
 * A batch is one transaction. Its expectations are statements that violate a
 * constraint when they do not hold, so it needs one round trip and no
 * transaction is ever left open. No statement has more than five parameters,
 * whatever the batch: D1 takes a hundred.
 */
import type { StoreWrite, StoredRecord } from './store.js'

export interface Statement {
  sql: string
  args: (string | number | null | Uint8Array)[]
}

export const SCHEMA = [
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

export function readStatement(keys: readonly string[], now: number): Statement {
  return { sql: READ, args: [JSON.stringify(keys), now] }
}

export function listStatement(prefix: string, after: string | undefined, limit: number, now: number): Statement {
  // Keys are printable ASCII: DEL is behind each of them.
  return { sql: LIST, args: [prefix, `${prefix}\x7f`, after ?? '', now, limit] }
}

/** One transaction. It fails by a constraint when an expectation does not hold. */
export function commitStatements(batch: readonly StoreWrite[], now: number): Statement[] {
  return [...batch.flatMap((write) => expectation(write, now)), ...batch.map(written)]
}

/** Removes what expired before this. */
export function sweepStatement(before: number): Statement {
  return { sql: SWEEP, args: [before] }
}

function expectation({ key, expect }: StoreWrite, now: number): Statement[] {
  if (expect === 'any') return []
  if (expect === 'absent') return [{ sql: EXPECT_ABSENT, args: [key, now] }]
  return [{ sql: EXPECT_VERSION, args: [key, expect, now] }]
}

function written({ key, value, expiresAt }: StoreWrite): Statement {
  if (value === undefined) return { sql: DELETE, args: [key] }
  return { sql: PUT, args: [key, value, expiresAt ?? null] }
}

type Row = Record<string, unknown>

/** The records that a read found, in the order of its keys. */
export function inOrder(keys: readonly string[], rows: Iterable<Row>): (StoredRecord | undefined)[] {
  const found = new Map<string, StoredRecord>()
  for (const row of rows) found.set(row['key'] as string, toRecord(row))
  return keys.map((key) => found.get(key))
}

export function toRecord(row: Row): StoredRecord {
  return {
    key: row['key'] as string,
    // D1 gives bytes as a list of numbers.
    value: new Uint8Array(row['value'] as ArrayBuffer | number[]),
    version: row['version'] as number,
  }
}

/** Whether a batch failed because an expectation did not hold, in stores whose errors are text. */
export function isConflict(error: unknown): boolean {
  return error instanceof Error && error.message.includes('CHECK constraint failed')
}
