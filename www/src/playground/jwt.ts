/** Tokens as people look at them; nothing is verified here. */

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

/** What tokens that are made here can be signed with. */
export type MadeWith = 'ES256' | 'RS256'
const PARAMETERS = {
  ES256: { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' },
  RS256: { name: 'RSASSA-PKCS1-v1_5', modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]), hash: 'SHA-256' },
}

/** Keys of this page, each made once, which stand in for an issuer's. */
const pairs = new Map<MadeWith, Promise<CryptoKeyPair>>()

function pair(alg: MadeWith): Promise<CryptoKeyPair> {
  const known = pairs.get(alg) ?? (crypto.subtle.generateKey(PARAMETERS[alg], false, ['sign', 'verify']) as Promise<CryptoKeyPair>)
  pairs.set(alg, known)
  return known
}

const kidOf = (alg: MadeWith) => `playground-${alg}`

/** Their public halves, as an issuer would publish them. */
export async function publicKeys(algorithms: MadeWith[]): Promise<{ keys: object[] }> {
  const keys = algorithms.map(async (alg) => {
    const { kty, crv, x, y, n, e } = await crypto.subtle.exportKey('jwk', (await pair(alg)).publicKey)
    const numbers = kty === 'EC' ? { crv, x, y } : { n, e }
    return { kty, ...numbers, kid: kidOf(alg), alg, use: 'sig' }
  })
  return { keys: await Promise.all(keys) }
}

/** A token with these claims, signed in this page. */
export async function signed(claims: object, alg: MadeWith): Promise<string> {
  const encode = (value: object) => base64url(new TextEncoder().encode(JSON.stringify(value)))
  const message = `${encode({ alg, kid: kidOf(alg), typ: 'JWT' })}.${encode(claims)}`
  const signature = await crypto.subtle.sign(PARAMETERS[alg], (await pair(alg)).privateKey, new TextEncoder().encode(message))
  return `${message}.${base64url(new Uint8Array(signature))}`
}
