/**
 * A store in memory, for tests and for services that keep nothing across a
 * restart. Synchronous, so that a request that uses it takes no promise hop.
 */
import type { Store, StoreWrite, StoredRecord } from './store.js'
import { Sweeper } from './sweeper.js'

/**
 * Keys that begin alike. New ones stand at the end until somebody lists them, so that a key that
 * nobody lists, as that of a spent token, costs nothing to keep. Some may be gone from the map.
 */
interface Group {
  keys: string[]
  isOrdered: boolean
}

interface Kept extends StoredRecord {
  expiresAt: number | undefined
}

/** An empty store in memory. */
export function memoryStore(): Store {
  return new MemoryStore()
}

class MemoryStore implements Store {
  readonly #records = new Map<string, Kept>()
  /** The keys of the map, by what they begin with: see {@link groupOf}. */
  readonly #groups = new Map<string, Group>()
  #version = 0
  readonly #sweeper = new Sweeper()

  read(keys: readonly string[], now: number): (StoredRecord | undefined)[] {
    return keys.map((key) => this.#live(key, now))
  }

  list(prefix: string, after: string | undefined, limit: number, now: number): StoredRecord[] {
    const found: StoredRecord[] = []
    for (const name of this.#groupsOf(prefix)) {
      const keys = this.#ordered(name)
      let at = place(keys, after === undefined || after < prefix ? prefix : `${after}\0`)
      for (; at < keys.length && found.length < limit; at++) {
        const key = keys[at]!
        if (!key.startsWith(prefix)) break
        const record = this.#live(key, now)
        if (record !== undefined) found.push(record)
      }
    }
    return found
  }

  commit(batch: readonly StoreWrite[], now: number): boolean {
    for (const write of batch) if (!this.#holds(write, now)) return false
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
    if (value === undefined) return void this.#records.delete(key)
    // The map tells a new key by its size, without being searched once more.
    const before = this.#records.size
    this.#records.set(key, { key, value: new Uint8Array(value), version: ++this.#version, expiresAt })
    if (this.#records.size > before) this.#add(key)
  }

  #add(key: string): void {
    const name = groupOf(key)
    const group = this.#groups.get(name)
    if (group === undefined) return void this.#groups.set(name, { keys: [key], isOrdered: true })
    group.keys.push(key)
    group.isOrdered = false
  }

  /** The names of the groups that may have keys with this prefix, in order. */
  #groupsOf(prefix: string): string[] {
    if (prefix.includes('/')) return [groupOf(prefix)]
    return [...this.#groups.keys()].filter((name) => name.startsWith(prefix)).sort()
  }

  /** The keys of a group in order, each once. JavaScript orders ASCII strings as bytes. */
  #ordered(name: string): readonly string[] {
    const group = this.#groups.get(name)
    if (group === undefined) return []
    if (!group.isOrdered) {
      const keys = group.keys.filter((key) => this.#records.has(key)).sort()
      group.keys = keys.filter((key, at) => key !== keys[at - 1])
      group.isOrdered = true
    }
    return group.keys
  }

  #sweep(before: number): void {
    this.#sweeper.done(before)
    for (const [key, record] of this.#records) if (expired(record, before)) this.#records.delete(key)
    for (const [name, group] of this.#groups) {
      group.keys = group.keys.filter((key) => this.#records.has(key))
      if (group.keys.length === 0) this.#groups.delete(name)
    }
  }
}

/** What a key begins with, to its first `/`. No such name begins with another one that ends so. */
function groupOf(key: string): string {
  return key.slice(0, key.indexOf('/') + 1) || key
}

/** Where the key is among these, or would be. */
function place(keys: readonly string[], key: string): number {
  let [low, high] = [0, keys.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if (keys[middle]! < key) low = middle + 1
    else high = middle
  }
  return low
}

function expired(record: Kept, now: number): boolean {
  return record.expiresAt !== undefined && record.expiresAt <= now
}
