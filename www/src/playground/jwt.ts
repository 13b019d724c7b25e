/** Decodes and makes JWTs. Nothing is verified here. */
import { t } from '../texts/index.ts'

export interface Decoded {
  header?: Record<string, unknown>
  payload?: Record<string, unknown>
}

export function decoded(token: string): Decoded {
  const [header, payload] = token.trim().split('.')
  return { ...part('header', header), ...part('payload', payload) }
}

function part(name: 'header' | 'payload', text: string | undefined): Decoded {
  try {
    const bytes = Uint8Array.from(atob((text ?? '').replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0))
    const value: unknown = JSON.parse(new TextDecoder().decode(bytes))
    return typeof value === 'object' && value !== null ? { [name]: value } : {}
  } catch {
    return {}
  }
}

const base64url = (bytes: Uint8Array) =>
  btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '')

/** The parameters of a JOSE algorithm in WebCrypto. */
interface Parameters {
  /** Of the key. */
  key: EcKeyGenParams | RsaHashedKeyGenParams | Algorithm
  /** Of the signature. */
  sign: EcdsaParams | RsaPssParams | Algorithm
}

const rsa = (name: string, bits: 256 | 384 | 512): Parameters => ({
  key: { name, modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]), hash: `SHA-${bits}` },
  // RFC 7518 section 3.5: the salt is as long as the hash.
  sign: { name, saltLength: bits / 8 },
})
const ec = (namedCurve: string, bits: number): Parameters => ({ key: { name: 'ECDSA', namedCurve }, sign: { name: 'ECDSA', hash: `SHA-${bits}` } })

/** The algorithms that tokens can be signed with here. */
const SIGNERS: Record<string, Parameters> = {
  RS256: rsa('RSASSA-PKCS1-v1_5', 256),
  RS384: rsa('RSASSA-PKCS1-v1_5', 384),
  RS512: rsa('RSASSA-PKCS1-v1_5', 512),
  PS256: rsa('RSA-PSS', 256),
  PS384: rsa('RSA-PSS', 384),
  PS512: rsa('RSA-PSS', 512),
  ES256: ec('P-256', 256),
  ES384: ec('P-384', 384),
  ES512: ec('P-521', 512),
  EdDSA: { key: { name: 'Ed25519' }, sign: { name: 'Ed25519' } },
}
export const SIGNS_WITH = Object.keys(SIGNERS)

/** Keys of this page, each made once, which replace an issuer's keys. */
const pairs = new Map<string, Promise<CryptoKeyPair>>()

function pair(alg: string): Promise<CryptoKeyPair> {
  const known = pairs.get(alg) ?? generated(alg)
  pairs.set(alg, known)
  return known
}

async function generated(alg: string): Promise<CryptoKeyPair> {
  try {
    return (await crypto.subtle.generateKey(SIGNERS[alg]!.key, false, ['sign', 'verify'])) as CryptoKeyPair
  } catch {
    throw new Error(t().playground.noKeysFor(alg))
  }
}

const kidOf = (alg: string) => `playground-${alg}`

async function publicKey(alg: string): Promise<object> {
  const { kty, crv, x, y, n, e } = await crypto.subtle.exportKey('jwk', (await pair(alg)).publicKey)
  const numbers = { EC: { crv, x, y }, OKP: { crv, x }, RSA: { n, e } }[kty!]
  return { kty, ...numbers, kid: kidOf(alg), alg, use: 'sig' }
}

/** The public halves, as an issuer would publish them. */
export async function keySet(algorithms: Iterable<string>): Promise<{ keys: object[] }> {
  return { keys: await Promise.all([...algorithms].filter((alg) => alg in SIGNERS).map(publicKey)) }
}

/** A token with these claims, signed in this page. */
export async function signed(claims: object, alg: string): Promise<string> {
  const encode = (value: object) => base64url(new TextEncoder().encode(JSON.stringify(value)))
  const message = `${encode({ alg, kid: kidOf(alg), typ: 'JWT' })}.${encode(claims)}`
  const signature = await crypto.subtle.sign(SIGNERS[alg]!.sign, (await pair(alg)).privateKey, new TextEncoder().encode(message))
  return `${message}.${base64url(new Uint8Array(signature))}`
}
