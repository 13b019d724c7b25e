/** What a Worker is bound to, by the names of its bindings: configuration, secrets, store. */
import type { Secrets } from '../engine.js'
import type { ExchequerConfig } from '../generated/config.js'
import { type D1, d1Store } from '../stores/d1.js'
import { type ObjectNamespace, durableObjectStore } from '../stores/durable-object.js'
import { type Awaitable, NO_STORE, type Store } from '../stores/store.js'

/** The bindings that {@link createWorker} looks for. Secrets that the configuration names are bindings, too. */
export interface Bindings {
  /** The configuration document, as JSON text or as a variable that is JSON; or the key it has in `EXCHEQUER_KV`. */
  EXCHEQUER_CONFIG?: string | object
  /** Where the configuration document is, when `EXCHEQUER_CONFIG` is a key. Nothing else is kept in it. */
  EXCHEQUER_KV?: Kv
  /** Lets its bearer administer. */
  EXCHEQUER_ADMIN_TOKEN?: string
  /** Encrypts the signing keys in the store: 32 bytes in base64. */
  EXCHEQUER_KEY_WRAPPING_KEY?: string
  /** Keeps the records; comes first when both are bound. `none`: there is no store, and there shall be none. */
  EXCHEQUER_STORE?: ObjectNamespace | 'none'
  /** Keeps the records. */
  EXCHEQUER_DB?: D1
  /** The console: static assets of the folder `dist/console` of this package. */
  EXCHEQUER_CONSOLE?: Assets
}

/** The part of Cloudflare's `Fetcher` that is used. */
export interface Assets {
  fetch(request: Request): Promise<Response>
}

/** The part of Cloudflare's `KVNamespace` that is used. */
export interface Kv {
  get(key: string): Promise<string | null>
}

/**
 * The configuration document, and whether it comes from KV, where it may change
 * while the Worker runs.
 */
export async function configuration(bindings: Bindings): Promise<{ document: ExchequerConfig | string; mayChange: boolean }> {
  const { EXCHEQUER_KV: kv } = bindings
  // The engine says what is wrong with an object of another shape.
  const config = bindings.EXCHEQUER_CONFIG as ExchequerConfig | string | undefined
  if (config === undefined) throw new Error('bind EXCHEQUER_CONFIG to the configuration document, or give `config` to createWorker')
  if (typeof config !== 'string' || config.trimStart().startsWith('{')) return { document: config, mayChange: false }
  if (kv === undefined) throw new Error('EXCHEQUER_CONFIG is no JSON object; to be a key it needs a KV namespace bound as EXCHEQUER_KV')
  const document = await kv.get(config)
  if (document === null) throw new Error('EXCHEQUER_KV has nothing under the key that EXCHEQUER_CONFIG names')
  return { document, mayChange: true }
}

/**
 * The store that is bound. Never KV: it answers with what was there up to a
 * minute ago and has no write that depends on what is there, so two requests
 * could both spend one refresh token or one `jti`.
 */
export function store(bindings: Bindings): Awaitable<Store> {
  if (bindings.EXCHEQUER_STORE === 'none') return NO_STORE
  if (bindings.EXCHEQUER_STORE !== undefined) return durableObjectStore(bindings.EXCHEQUER_STORE)
  if (bindings.EXCHEQUER_DB !== undefined) return d1Store(bindings.EXCHEQUER_DB)
  return { read: missing, list: missing, commit: missing }
}

/**
 * A Worker has no memory that its next request is sure to find. One that stores
 * nothing needs no store; one that has to fails, rather than forget.
 */
function missing(): never {
  throw new Error('there is no store: bind EXCHEQUER_STORE (a Durable Object) or EXCHEQUER_DB (D1), or say that there shall be none: EXCHEQUER_STORE = "none"')
}

/** Secrets from bindings. */
export function secretsFrom(bindings: object): Secrets {
  return (kind, name) => {
    if (kind === 'file') throw new Error('a Worker has no files; make it a secret of the Worker and write {"env": "NAME"}')
    const value = (bindings as Record<string, unknown>)[name]
    if (value === undefined || value === '') throw new Error('there is no such binding; `wrangler secret put` makes one')
    if (typeof value !== 'string') throw new Error('the binding of this name is no text')
    return value
  }
}
