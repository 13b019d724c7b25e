/**
 * Signatures by `node:crypto`, synchronously: in Node and Bun a promise costs
 * more than the signature.
 */
import {
  type KeyObject,
  type SignKeyObjectInput,
  constants,
  createPrivateKey,
  createPublicKey,
  sign,
  verify,
} from 'node:crypto'

import { ALGORITHMS, type Algorithm } from '../algorithms.js'
import type { CryptoProvider } from './provider.js'

type Scheme = [hash: string | null, options: Omit<SignKeyObjectInput, 'key'>]

const pss = {
  padding: constants.RSA_PKCS1_PSS_PADDING,
  // RFC 7518 section 3.5: "The size of the salt value is the same size as
  // the hash function output."
  saltLength: constants.RSA_PSS_SALTLEN_DIGEST,
}
const pkcs1 = { padding: constants.RSA_PKCS1_PADDING }
// JOSE has `r ‖ s`, not DER (RFC 7518 section 3.4).
const ecdsa = { dsaEncoding: 'ieee-p1363' } as const

const SCHEMES: Record<Algorithm, Scheme> = {
  RS256: ['sha256', pkcs1],
  RS384: ['sha384', pkcs1],
  RS512: ['sha512', pkcs1],
  PS256: ['sha256', pss],
  PS384: ['sha384', pss],
  PS512: ['sha512', pss],
  ES256: ['sha256', ecdsa],
  ES384: ['sha384', ecdsa],
  ES512: ['sha512', ecdsa],
  EdDSA: [null, {}],
}

/** A parsed key with everything `node:crypto` wants to be told beside it. */
export interface NodeKey extends SignKeyObjectInput {
  readonly hash: string | null
}

/** The provider of `node:crypto`. */
export const nodeCrypto = {
  verifies: ALGORITHMS,
  signs: ALGORITHMS,
  publicKey: (alg, jwk) => withScheme(alg, createPublicKey({ key: jwk, format: 'jwk' })),
  privateKey: (alg, jwk) => withScheme(alg, createPrivateKey({ key: jwk, format: 'jwk' })),
  verify: (_, key, message, signature) => verify(key.hash, message, key, signature),
  sign: (_, key, message) => sign(key.hash, message, key),
} satisfies CryptoProvider<NodeKey>

function withScheme(alg: Algorithm, key: KeyObject): NodeKey {
  const [hash, options] = SCHEMES[alg]
  return { ...options, hash, key }
}
