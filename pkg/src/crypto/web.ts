/**
 * Signatures by WebCrypto, for workerd, edge runtimes and browsers, where it is
 * the only native crypto there is.
 *
 * EdDSA is left to the engine: it is as fast at it, some browsers lack it, and
 * those that have it disagree about keys of small order.
 */
import { ALGORITHMS, type Algorithm } from '../algorithms.js'
import type { CryptoProvider, Jwk } from './provider.js'

type Scheme = [ofKey: RsaHashedImportParams | EcKeyImportParams, ofSignature: AlgorithmIdentifier | RsaPssParams | EcdsaParams]

const pkcs1 = (bits: number): Scheme => [{ name: 'RSASSA-PKCS1-v1_5', hash: `SHA-${bits}` }, 'RSASSA-PKCS1-v1_5']
// RFC 7518 section 3.5: "The size of the salt value is the same size as the
// hash function output."
const pss = (bits: number): Scheme => [{ name: 'RSA-PSS', hash: `SHA-${bits}` }, { name: 'RSA-PSS', saltLength: bits / 8 }]
const ecdsa = (curve: number, bits: number): Scheme => [
  { name: 'ECDSA', namedCurve: `P-${curve}` },
  { name: 'ECDSA', hash: `SHA-${bits}` },
]

const SCHEMES: Record<Exclude<Algorithm, 'EdDSA'>, Scheme> = {
  RS256: pkcs1(256),
  RS384: pkcs1(384),
  RS512: pkcs1(512),
  PS256: pss(256),
  PS384: pss(384),
  PS512: pss(512),
  ES256: ecdsa(256, 256),
  ES384: ecdsa(384, 384),
  ES512: ecdsa(521, 512),
}

const OURS = ALGORITHMS.filter((alg) => alg !== 'EdDSA')

/** The provider of WebCrypto. */
export const webCrypto: CryptoProvider<CryptoKey> = {
  verifies: OURS,
  signs: OURS,
  publicKey: (alg, jwk) => imported(alg, jwk, 'verify'),
  privateKey: (alg, jwk) => imported(alg, jwk, 'sign'),
  verify: (alg, key, message, signature) =>
    crypto.subtle.verify(scheme(alg)[1], key, signature as BufferSource, message as BufferSource),
  sign: async (alg, key, message) => new Uint8Array(await crypto.subtle.sign(scheme(alg)[1], key, message as BufferSource)),
}

function scheme(alg: Algorithm): Scheme {
  return SCHEMES[alg as keyof typeof SCHEMES]
}

/** The engine has decided what the key is for: WebCrypto is told the numbers alone. */
function imported(alg: Algorithm, jwk: Jwk, usage: 'sign' | 'verify'): Promise<CryptoKey> {
  const { kty, crv, n, e, x, y, d, p, q, dp, dq, qi } = jwk as JsonWebKey
  const numbers = kty === 'RSA' ? { kty, n, e, d, p, q, dp, dq, qi } : { kty, crv, x, y, d }
  const given = Object.fromEntries(Object.entries(numbers).filter(([, value]) => value !== undefined))
  return crypto.subtle.importKey('jwk', given, scheme(alg)[0], false, [usage])
}
