/**
 * Parsed keys, by name. Parsing a key costs as much as a signature, so each is
 * parsed once. One cache for each engine: two engines may call different keys
 * of theirs by the same `kid`.
 */
import type { Algorithm } from './algorithms.js'
import { isPromise } from './awaitable.js'
import type { CryptoProvider, Jwk } from './crypto/provider.js'

/** Keys kept of either kind; the one that came first goes first. */
const MOST = 1000

type Parsed = unknown

export class Keys {
  readonly #provider: CryptoProvider
  readonly #verifying = new Map<string, Parsed>()
  readonly #signing = new Map<string, Parsed>()

  constructor(provider: CryptoProvider) {
    this.#provider = provider
  }

  /** The key with this thumbprint. */
  verifying(alg: Algorithm, thumbprint: string, jwk: () => Jwk): Parsed | Promise<Parsed> {
    return cached(this.#verifying, alg, thumbprint, () => this.#provider.publicKey(alg, jwk()))
  }

  /** Our key with this `kid`. */
  signing(alg: Algorithm, kid: string, jwk: () => Jwk): Parsed | Promise<Parsed> {
    return cached(this.#signing, alg, kid, () => this.#provider.privateKey(alg, jwk()))
  }
}

function cached(map: Map<string, Parsed>, alg: Algorithm, name: string, parse: () => Parsed): Parsed {
  // A parsed key may be bound to its algorithm, as WebCrypto's are.
  const id = `${alg} ${name}`
  const known = map.get(id)
  if (known !== undefined) return known
  const parsed = parse()
  if (!isPromise(parsed)) return kept(map, id, parsed)
  // Kept when it is there, and not before: a request does not wait for another
  // one, which its platform may stop.
  return parsed.then((ready) => kept(map, id, ready))
}

function kept(map: Map<string, Parsed>, id: string, parsed: Parsed): Parsed {
  const oldest = map.size >= MOST ? map.keys().next().value : undefined
  if (oldest !== undefined) map.delete(oldest)
  map.set(id, parsed)
  return parsed
}
