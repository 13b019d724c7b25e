/**
 * What the engine keeps things in: an ordered key-value store with atomic,
 * versioned batches. Record formats are the engine's business alone.
 */

import type { Awaitable } from '../awaitable.js'

export type { Awaitable } from '../awaitable.js'

/**
 * Seconds for which a store keeps a record that has expired: a server whose clock
 * is ahead must not remove what one whose clock is behind still needs.
 */
export const GRACE_SECONDS = 600

/** Seconds between two sweeps of expired records. */
export const SWEEP_SECONDS = 60

/** A stored record. */
export interface StoredRecord {
  key: string
  value: Uint8Array
  /** Changes with every write of the key, also over a deletion; never 0. */
  version: number
}

/** One write of a batch. */
export interface StoreWrite {
  /** Printable ASCII, at most 512 bytes. */
  key: string
  /** The new value; `undefined` deletes. */
  value: Uint8Array | undefined
  /** What must be there now: nothing, anything, or a live record of this version. */
  expect: 'absent' | 'any' | number
  /** Seconds since the epoch from which on the record is as good as absent. */
  expiresAt: number | undefined
}

/**
 * A store. `now` is in seconds since the epoch; a record whose `expiresAt` is
 * not later than it counts as absent everywhere. It may be removed ten minutes
 * later. What cannot be done throws or rejects.
 */
export interface Store {
  /** A record or `undefined` for each key, in order. */
  read(keys: readonly string[], now: number): Awaitable<(StoredRecord | undefined)[]>
  /** At most `limit` records whose key begins with `prefix` and is behind `after`, in the byte order of keys. */
  list(prefix: string, after: string | undefined, limit: number, now: number): Awaitable<StoredRecord[]>
  /** Writes all, durably, and says `true`; or an expectation does not hold, nothing is written, and it says `false`. */
  commit(batch: readonly StoreWrite[], now: number): Awaitable<boolean>
  /** Gives back what it holds. */
  close?(): Awaitable<void>
}

/** What a host without a store throws: the engine does what needs none, and refuses the rest. */
export class NoStore extends Error {
  override readonly name = 'NoStore'
}

function none(): never {
  throw new NoStore('this service has no store')
}

/** Is no store: for a service that keeps nothing, and says so. */
export const NO_STORE: Store = { read: none, list: none, commit: none }
