/**
 * A store in D1, Cloudflare's SQLite. Its `batch` is a transaction.
 *
 * Everything goes to the primary: no session of D1's is opened, because a
 * replica may lag, and what it has not heard of yet may have been revoked.
 */
import {
  SCHEMA,
  type Statement,
  commitStatements,
  inOrder,
  isConflict,
  listStatement,
  readStatement,
  sweepStatement,
  toRecord,
} from './sql.js'
import type { Store, StoreWrite, StoredRecord } from './store.js'
import { Sweeper } from './sweeper.js'

/** The part of Cloudflare's `D1Database` that is used. */
export interface D1 {
  prepare(sql: string): D1Prepared
  batch(statements: never[]): Promise<unknown>
}

/** The part of Cloudflare's `D1PreparedStatement` that is used. */
export interface D1Prepared {
  bind(...values: unknown[]): D1Prepared
  all(): Promise<{ results: Record<string, unknown>[] }>
}

/** A store, which makes its tables when it is first used. */
export function d1Store(database: D1): Store {
  return new D1Store(database)
}

class D1Store implements Store {
  readonly #database: D1
  #hasTables = false
  readonly #sweeper = new Sweeper()

  constructor(database: D1) {
    this.#database = database
  }

  async read(keys: readonly string[], now: number): Promise<(StoredRecord | undefined)[]> {
    await this.#tables()
    const { results } = await this.#prepared(readStatement(keys, now)).all()
    return inOrder(keys, results)
  }

  async list(prefix: string, after: string | undefined, limit: number, now: number): Promise<StoredRecord[]> {
    await this.#tables()
    const { results } = await this.#prepared(listStatement(prefix, after, limit, now)).all()
    return results.map(toRecord)
  }

  async commit(batch: readonly StoreWrite[], now: number): Promise<boolean> {
    await this.#tables()
    const statements = commitStatements(batch, now)
    const before = this.#sweeper.due(now)
    if (before !== undefined) statements.push(sweepStatement(before))
    try {
      await this.#batch(statements)
    } catch (error) {
      if (isConflict(error)) return false
      throw error
    }
    if (before !== undefined) this.#sweeper.done(before)
    return true
  }

  /** Not when it is opened: a Worker that cannot reach its database still does what needs none. */
  async #tables(): Promise<void> {
    if (this.#hasTables) return
    await this.#batch(SCHEMA.map((sql) => ({ sql, args: [] })))
    this.#hasTables = true
  }

  #prepared({ sql, args }: Statement): D1Prepared {
    return this.#database.prepare(sql).bind(...args)
  }

  #batch(statements: readonly Statement[]): Promise<unknown> {
    return this.#database.batch(statements.map((statement) => this.#prepared(statement)) as never[])
  }
}
