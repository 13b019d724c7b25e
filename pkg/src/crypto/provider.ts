/** The crypto seam: signatures computed by the host because it is faster at them. */
import type { Algorithm } from '../algorithms.js'

/** A JSON Web Key (RFC 7517). */
export type Jwk = Readonly<Record<string, unknown>>

/**
 * Computes signatures for the engine, which chooses algorithm and key. The
 * engine computes every algorithm that a provider does not list.
 *
 * Byte arguments are the function's own: they stay as they are while it waits.
 */
export interface CryptoProvider<Key = unknown> {
  /** Algorithms it verifies. */
  readonly verifies: readonly Algorithm[]
  /** Algorithms it signs with. */
  readonly signs: readonly Algorithm[]
  /** Parses a public JWK, which the engine has checked. */
  publicKey(alg: Algorithm, jwk: Jwk): Key | Promise<Key>
  /** Parses a private JWK, which the engine has checked. */
  privateKey(alg: Algorithm, jwk: Jwk): Key | Promise<Key>
  /** Whether the signature, in JOSE form, is good. */
  verify(alg: Algorithm, key: Key, message: Uint8Array, signature: Uint8Array): boolean | Promise<boolean>
  /** A signature in JOSE form. */
  sign(alg: Algorithm, key: Key, message: Uint8Array): Uint8Array | Promise<Uint8Array>
}

/** Leaves every algorithm to the engine. */
export const engineCrypto: CryptoProvider<never> = {
  verifies: [],
  signs: [],
  publicKey: unreachable,
  privateKey: unreachable,
  verify: unreachable,
  sign: unreachable,
}

function unreachable(): never {
  throw new Error('the engine computes every algorithm itself')
}
