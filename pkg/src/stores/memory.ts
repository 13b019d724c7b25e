/**
 * A store in memory, for tests and for services that keep nothing across a
 * restart. Synchronous, so that a request that uses it takes no promise hop.
 */
import type { Store, StoreWrite, StoredRecord } from './store.js'
import { Sweeper } from './sweeper.js'

interface Kept extends StoredRecord {
  expiresAt: number | undefined
}

/** An empty store in memory. */
export function memoryStore(): Store {
  return new MemoryStore()
}

class MemoryStore implements Store {
  readonly #records = new Map<string, Kept>()
  /** Every key of the map, in order. */
  readonly #keys: string[] = []
  #version = 0
  readonly #sweeper = new Sweeper()

  read(keys: readonly string[], now: number): (StoredRecord | undefined)[] {
    return keys.map((key) => this.#live(key, now))
  }

  list(prefix: string, after: string | undefined, limit: number, now: number): StoredRecord[] {
    const found: StoredRecord[] = []
    let at = after === undefined || after < prefix ? this.#place(prefix) : this.#place(`${after}\0`)
    for (; at < this.#keys.length && found.length < limit; at++) {
      const key = this.#keys[at]!
      if (!key.startsWith(prefix)) break
      const record = this.#live(key, now)
      if (record !== undefined) found.push(record)
    }
    return found
  }

  commit(batch: readonly StoreWrite[], now: number): boolean {
    if (!batch.every((write) => this.#holds(write, now))) return false
    for (const write of batch) this.#write(write)
    const before = this.#sweeper.due(now)
    if (before !== undefined) this.#sweep(before)
    return true
  }

  #live(key: string, now: number): Kept | undefined {
    const record = this.#records.get(key)
    return record === undefined || expired(record, now) ? undefined : record
  }

  #holds({ key, expect }: StoreWrite, now: number): boolean {
    if (expect === 'any') return true
    const found = this.#live(key, now)
    return expect === 'absent' ? found === undefined : found?.version === expect
  }

  #write({ key, value, expiresAt }: StoreWrite): void {
    if (value === undefined) {
      if (this.#records.delete(key)) this.#keys.splice(this.#place(key), 1)
      return
    }
    if (!this.#records.has(key)) this.#keys.splice(this.#place(key), 0, key)
    this.#records.set(key, { key, value: new Uint8Array(value), version: ++this.#version, expiresAt })
  }

  /** Where the key is, or would be. JavaScript orders ASCII strings as bytes. */
  #place(key: string): number {
    let [low, high] = [0, this.#keys.length]
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#keys[middle]! < key) low = middle + 1
      else high = middle
    }
    return low
  }

  #sweep(before: number): void {
    this.#sweeper.done(before)
    let kept = 0
    for (const key of this.#keys) {
      if (expired(this.#records.get(key)!, before)) this.#records.delete(key)
      else this.#keys[kept++] = key
    }
    this.#keys.length = kept
  }
}

function expired(record: Kept, now: number): boolean {
  return record.expiresAt !== undefined && record.expiresAt <= now
}
