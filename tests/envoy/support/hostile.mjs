/** Tokens that must not pass, by what is wrong with them. The issuer's own key signed some. */
import { createHmac } from 'node:crypto'

import { CompactSign, SignJWT, exportSPKI, generateKeyPair } from 'jose'

import { STS } from './issuer.mjs'

const encode = (value) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url')

export async function hostile(issuer) {
  const now = Math.floor(Date.now() / 1000)
  const claims = { iss: issuer.url, sub: 'mallory', aud: STS, iat: now, exp: now + 600 }
  const { kid, alg, publicKey, jwk } = issuer.key
  const good = await issuer.token({ sub: 'mallory' })
  const [header, payload, signature] = good.split('.')
  const other = await generateKeyPair('ES256', { extractable: true })
  const hmac = async (secret) => {
    const input = `${encode({ alg: 'HS256', kid })}.${encode(claims)}`
    return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`
  }
  const attacker = (extra) => new SignJWT(claims).setProtectedHeader({ alg, kid, ...extra }).sign(other.privateKey)
  const raw = (text, extra = {}) =>
    new CompactSign(Buffer.from(text)).setProtectedHeader({ alg, kid, ...extra }).sign(issuer.key.privateKey)
  return {
    'no signature': `${header}.${payload}.`,
    'alg none': `${encode({ alg: 'none', kid })}.${payload}.`,
    'alg None': `${encode({ alg: 'None', kid })}.${payload}.${signature}`,
    'HS256 with the public key': await hmac(await exportSPKI(publicKey)),
    'HS256 with the JWK': await hmac(JSON.stringify(jwk)),
    'another key of the same name': await attacker(),
    'a key of its own': await attacker({ jwk }),
    'a key set of its own': await attacker({ jku: 'http://127.0.0.1/jwks' }),
    'a changed payload': `${header}.${encode(claims)}.${signature}`,
    'a changed header': `${encode({ alg, kid, typ: 'JWT' })}.${payload}.${signature}`,
    'a signature of zeros': `${header}.${payload}.${Buffer.alloc(64).toString('base64url')}`,
    'a signature in DER': `${header}.${payload}.${Buffer.from('3006020101020101', 'hex').toString('base64url')}`,
    'a signature cut short': `${header}.${payload}.${signature.slice(0, -4)}`,
    'padding': `${header}.${payload}.${signature}==`,
    'crit': await raw(JSON.stringify(claims), { crit: ['b64'], b64: true }),
    'a claim twice': await raw(JSON.stringify(claims).replace('{', '{"sub":"ada",')),
    'expired': await issuer.token({ exp: now - 3600 }),
    'from the future': await issuer.token({ nbf: now + 3600 }),
    'without exp': await issuer.token({ exp: undefined }),
    'exp as text': await issuer.token({ exp: `${now + 600}` }),
    'for somebody else': await issuer.token({ aud: 'https://other.example.com' }),
    'of another issuer': await issuer.token({ iss: 'https://evil.example.com' }),
    'of an issuer with a slash': await issuer.token({ iss: `${issuer.url}/` }),
    'an ID token': await issuer.token({ nonce: 'n' }, { typ: 'JWT' }),
    'of another type': await issuer.token({}, { typ: 'logout+jwt' }),
    'encrypted': `${encode({ alg: 'RSA-OAEP', enc: 'A256GCM' })}.a.b.c.d`,
    'deep': `${encode('{"alg":'.repeat(500))}.${payload}.${signature}`,
    'long': `${header}.${'A'.repeat(20_000)}.${signature}`,
    'opaque': 'mF_9.B5f-4.1JqM',
    'no token': 'null',
  }
}
