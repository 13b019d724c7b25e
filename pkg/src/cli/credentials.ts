/** How a client of a token endpoint says who it is (RFC 6749 section 2.3, RFC 7523 section 2.2). */
import { randomUUID } from 'node:crypto'

import { ALGORITHMS, type Algorithm } from '../algorithms.js'
import { nodeCrypto } from '../crypto/node.js'
import type { Jwk } from '../crypto/provider.js'
import { UsageError } from './command.js'

const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:'
/** An assertion is spent at once; this is for clocks that differ. */
const ASSERTION_SECONDS = 60

/** A token that the platform of the client gave it, and what it is. */
export interface PlatformToken {
  type: 'jwt-bearer' | 'jwt-spiffe'
  token: string
}

/** Who asks: with a secret, with a private key, with a token of its platform, or as a public client. */
export interface Credentials {
  client: string
  secret?: string | undefined
  key?: ClientKey | undefined
  platform?: PlatformToken | undefined
  auth: 'basic' | 'post' | undefined
}

/** A private key of the client: of `private_key_jwt`, or that tokens are bound to. */
export interface ClientKey {
  alg: Algorithm
  kid: string | undefined
  /** Its public half: the members that every key of its type has. */
  publicJwk: Record<string, unknown>
  /** A signature, base64url. */
  sign(input: string): string
}

/** What the authentication is for. */
export interface Audience {
  url: URL
  /** The issuer, where its metadata were read: whom an assertion is for. */
  issuer?: string | undefined
  /** The ways of authenticating that it says it takes. */
  methods?: readonly string[] | undefined
}

/** The key in the text of a private JWK. Says nothing of what stands in it. */
export function clientKey(flag: string, text: string): ClientKey {
  let jwk: Jwk & { alg?: string; kid?: string }
  try {
    jwk = JSON.parse(text)
  } catch {
    throw new UsageError(`${flag}: the file is no JSON; a private JWK is expected, as \`exchequer keys new\` makes one`)
  }
  const alg = ALGORITHMS.find((one) => one === jwk?.alg)
  if (alg === undefined) throw new UsageError(`${flag}: the key's \`alg\` must be one of ${ALGORITHMS.join(', ')}`)
  const { kty, crv, x, y, n, e } = jwk as Record<string, unknown>
  return { alg, kid: jwk.kid, publicJwk: { kty, crv, x, y, n, e }, sign: signer(flag, alg, jwk) }
}

/** A DPoP proof for a token request (RFC 9449 section 4.2), with the nonce of the server if it wants one. */
export function dpopProof(key: ClientKey, url: URL, nonce: string | undefined): string {
  const htu = url.origin + url.pathname
  const claims = { jti: randomUUID(), htm: 'POST', htu, iat: Math.floor(Date.now() / 1000), nonce }
  return signed({ typ: 'dpop+jwt', alg: key.alg, jwk: key.publicJwk }, claims, key)
}

function signer(flag: string, alg: Algorithm, jwk: Jwk): (input: string) => string {
  try {
    if (kindOf(alg) !== [jwk['kty'], jwk['crv']].filter(Boolean).join(' ')) throw new TypeError()
    const key = nodeCrypto.privateKey(alg, jwk)
    return (input) => nodeCrypto.sign(alg, key, Buffer.from(input)).toString('base64url')
  } catch {
    throw new UsageError(`${flag}: that is no private key for ${alg}`)
  }
}

/** What an algorithm wants of a key (RFC 7518 section 3.1, RFC 8037 section 3.1). */
function kindOf(alg: Algorithm): string {
  if (alg === 'EdDSA') return 'OKP Ed25519'
  if (!alg.startsWith('ES')) return 'RSA'
  return `EC P-${alg === 'ES512' ? '521' : alg.slice(2)}`
}

/** Adds to a request who asks. */
export function authenticate(credentials: Credentials, audience: Audience, headers: Record<string, string>, body: URLSearchParams): void {
  const { client, secret, key, platform, auth } = credentials
  if (platform !== undefined) {
    body.set('client_id', client)
    body.set('client_assertion_type', ASSERTION_TYPE + platform.type)
    body.set('client_assertion', platform.token)
  } else if (key !== undefined) {
    body.set('client_assertion_type', `${ASSERTION_TYPE}jwt-bearer`)
    body.set('client_assertion', assertion(client, key, audience))
  } else if (secret !== undefined && (auth ?? preferred(audience.methods)) === 'basic') {
    headers['authorization'] = `Basic ${Buffer.from(`${encoded(client)}:${encoded(secret)}`).toString('base64')}`
  } else {
    body.set('client_id', client)
    if (secret !== undefined) body.set('client_secret', secret)
  }
}

function preferred(methods: readonly string[] | undefined): 'basic' | 'post' {
  const onlyPost = methods !== undefined && !methods.includes('client_secret_basic') && methods.includes('client_secret_post')
  return onlyPost ? 'post' : 'basic'
}

/** RFC 7523 section 3. */
function assertion(client: string, key: ClientKey, { url, issuer }: Audience): string {
  const { alg, kid } = key
  const now = Math.floor(Date.now() / 1000)
  const header = { typ: 'JWT', alg, ...(kid !== undefined && { kid }) }
  const claims = { iss: client, sub: client, aud: issuer ?? url.href, iat: now, exp: now + ASSERTION_SECONDS, jti: randomUUID() }
  return signed(header, claims, key)
}

function signed(header: object, claims: object, { sign }: ClientKey): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const input = `${part(header)}.${part(claims)}`
  return `${input}.${sign(input)}`
}

/** RFC 6749 section 2.3.1: id and secret are form-encoded before they are put together. */
function encoded(text: string): string {
  return new URLSearchParams([['', text]]).toString().slice(1)
}
