/**
 * Signatures by WebCrypto, for workerd, edge runtimes, browsers and Deno. Its
 * functions copy the bytes that they are given before they return (Web
 * Cryptography API section 14.3), so views are safe with it.
 *
 * EdDSA is left to the engine: it is as fast at it, some browsers lack it, and
 * those that have it disagree about keys of small order.
 */
import { ALGORITHMS, type Algorithm } from '../algorithms.js'
import { fromBase64 } from '../bytes.js'
import { type CryptoProvider, type Jwk, engineCrypto } from './provider.js'

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
  sign: (alg, key, message) => crypto.subtle.sign(scheme(alg)[1], key, message as BufferSource).then(bytes),
}

/** A key of P-521, and its signature of no bytes. */
const P521: Jwk = {
  kty: 'EC',
  crv: 'P-521',
  x: 'AU_aBtfH-1Fvk9M4M1gC-RxVnZmGHa3kb404mP27BK8VJrcXISENKRGQpwJnM3Ba0lSf_NG4o_tLmcY3sjtk0XAg',
  y: 'Adq7tvMIuF-KN-vg2x7_Y7FiwOp0KZmQfYe_pneStIjEIqdL9-N85txtX7svLuYSKFSRbKWP9D9sBgDdk2DOF_Lk',
}
const SIGNED_BY_P521 =
  'ARMQNd0NYpuPI8wIK+giFbvT7EoKPLrl+eTSQ0l35FaxP27AzSJ+AvP9BmkZGscASt6SR2CgyGXKxuRgN3GXJWpdAL4iNEr4nVdi/9x8RDO9fpdwudJCXty24vft0F006o10nFego/XNynmSSC5c2M0nvLU2HM6ZdXqlM1z9EcdqE7dd'

let found: CryptoProvider<CryptoKey> | undefined

/**
 * The provider where nobody knows which WebCrypto there is: without ES512, where
 * it lacks the curve P-521, and nothing, where there is no WebCrypto, as in a page
 * that came over plain HTTP. The engine computes the rest.
 */
export async function foundCrypto(): Promise<CryptoProvider> {
  if ((globalThis as { crypto?: Crypto }).crypto?.subtle === undefined) return engineCrypto
  found ??= (await hasP521()) ? webCrypto : { ...webCrypto, verifies: WITHOUT_P521, signs: WITHOUT_P521 }
  return found
}

const WITHOUT_P521 = OURS.filter((alg) => alg !== 'ES512')

async function hasP521(): Promise<boolean> {
  try {
    const key = await webCrypto.publicKey('ES512', P521)
    return await webCrypto.verify('ES512', key, new Uint8Array(), fromBase64(SIGNED_BY_P521))
  } catch {
    return false
  }
}

function bytes(buffer: ArrayBuffer): Uint8Array {
  return new Uint8Array(buffer)
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
