/**
 * A store in one Durable Object: SQLite that one thread owns. It gives single
 * use of `jti` and of refresh tokens with no race to lose, wherever the Workers
 * are that ask it.
 *
 * One object, because a batch must be atomic over all its keys. Where that is
 * too little, D1 is the other store.
 */
import { DurableObject } from 'cloudflare:workers'

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

/** The part of Cloudflare's `DurableObjectNamespace` that is used. */
export interface ObjectNamespace {
  idFromName(name: string): unknown
  get(id: never): object
}

/** The part of Cloudflare's `DurableObjectState` that is used. */
export interface ObjectState {
  storage: {
    sql: { exec(sql: string, ...args: never[]): Iterable<Record<string, unknown>> }
    transactionSync<T>(work: () => T): T
  }
}

/** The Durable Object that keeps the records. A Worker exports it, under the name that its binding says. */
export class ExchequerStore extends DurableObject {
  readonly #storage: ObjectState['storage']
  readonly #sweeper = new Sweeper()

  constructor(state: ObjectState, env: unknown) {
    super(state as never, env as never)
    this.#storage = state.storage
    for (const sql of SCHEMA) this.#execute({ sql, args: [] })
  }

  /** As {@link Store.read}. */
  read(keys: readonly string[], now: number): (StoredRecord | undefined)[] {
    return inOrder(keys, this.#execute(readStatement(keys, now)))
  }

  /** As {@link Store.list}. */
  list(prefix: string, after: string | undefined, limit: number, now: number): StoredRecord[] {
    return this.#execute(listStatement(prefix, after, limit, now)).map(toRecord)
  }

  /** As {@link Store.commit}. It has happened when the answer arrives: the runtime holds it back until the disk has it. */
  commit(batch: readonly StoreWrite[], now: number): boolean {
    const statements = commitStatements(batch, now)
    const before = this.#sweeper.due(now)
    if (before !== undefined) statements.push(sweepStatement(before))
    try {
      this.#storage.transactionSync(() => statements.forEach((statement) => this.#execute(statement)))
    } catch (error) {
      if (isConflict(error)) return false
      throw error
    }
    if (before !== undefined) this.#sweeper.done(before)
    return true
  }

  #execute({ sql, args }: Statement): Record<string, unknown>[] {
    return [...this.#storage.sql.exec(sql, ...(args as never[]))]
  }
}

/**
 * The store in the Durable Object of this name.
 *
 * @param namespace the binding whose class is {@link ExchequerStore}
 */
export function durableObjectStore(namespace: ObjectNamespace, name = 'exchequer'): Store {
  // A stub belongs to the request that made it, so each call makes its own.
  const object = () => namespace.get(namespace.idFromName(name) as never) as Remote
  return {
    read: async (keys, now) => object().read(keys, now),
    list: async (prefix, after, limit, now) => object().list(prefix, after, limit, now),
    commit: async (batch, now) => object().commit(batch, now),
  }
}

/** What a stub's methods are to its caller. */
type Remote = Pick<Store, 'read' | 'list' | 'commit'>
