/** Signatures that are nearly good: malleable, misformatted, of somebody else. */
import { createHash } from 'node:crypto'

import { suite } from '../case.mjs'
import { key } from '../keys.mjs'
import { b64, jwt, rawSignature } from '../token.mjs'

const rejected = 'subject_token.signature.rejected'

const toInt = (bytes) => BigInt('0x' + Buffer.from(bytes).toString('hex'))
const toBytes = (n, size) => Buffer.from(n.toString(16).padStart(size * 2, '0'), 'hex')
const halves = (s) => [s.subarray(0, s.length / 2), s.subarray(s.length / 2)]

/** Order of Ed25519's group (RFC 8032 section 5.1) and of P-256 (SEC 2). */
const L = 2n ** 252n + 27742317777372353535851937790883648493n
const N256 = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n

function der(r, s) {
  const integer = (bytes) => {
    const short = Buffer.from(bytes.subarray(bytes.findIndex((byte) => byte !== 0)))
    const positive = short[0] > 0x7f ? Buffer.concat([Buffer.from([0]), short]) : short
    return Buffer.concat([Buffer.from([2, positive.length]), positive])
  }
  const both = Buffer.concat([integer(r), integer(s)])
  return Buffer.concat([Buffer.from(both.length > 0x7f ? [0x30, 0x81, both.length] : [0x30, both.length]), both])
}

/** PKCS #1 v1.5 padding around a hash (RFC 8017 section 9.2), as it is before the private key is applied. */
export function emsa(input, size) {
  const prefix = Buffer.from('3031300d060960864801650304020105000420', 'hex')
  const info = Buffer.concat([prefix, createHash('sha256').update(input).digest()])
  return Buffer.concat([Buffer.from([0, 1]), Buffer.alloc(size - info.length - 3, 0xff), Buffer.from([0]), info])
}

suite('signature', ({ refuse, accept }) => {
  const bad = (name, about, key, signature) =>
    refuse(name, about, rejected, { token: { key, signature }, expect: { fetches: 1 } })
  const flip = (at) => (s) => { s[at < 0 ? s.length + at : at] ^= 1; return s }

  for (const name of ['idp-es256', 'idp-es384', 'idp-es512', 'idp-ed25519', 'idp-rs2048']) {
    const short = name.slice(4)
    bad(`${short}-first-bit`, 'One bit differs at the beginning.', name, flip(0))
    bad(`${short}-last-bit`, 'One bit differs at the end.', name, flip(-1))
    bad(`${short}-cut`, 'The signature is one byte too short.', name, (s) => s.subarray(0, -1))
    bad(`${short}-longer`, 'The signature is one byte too long.', name, (s) => Buffer.concat([s, Buffer.from([0])]))
    bad(`${short}-empty`, 'The signature is empty.', name, () => '')
    bad(`${short}-zero`, 'The signature is all zeros.', name, (s) => Buffer.alloc(s.length))
    bad(`${short}-ones`, 'The signature is all ones.', name, (s) => Buffer.alloc(s.length, 0xff))
  }
  for (const [name, alg] of [['idp-rs2048', 'PS256'], ['idp-rs4096', 'PS512']]) {
    refuse(`${alg.toLowerCase()}-last-bit`, 'One bit of a PSS signature differs.', rejected, { token: { key: name, alg, signature: flip(-1) } })
  }
  refuse('rs256-as-ps256', 'A PKCS #1 v1.5 signature is no PSS signature.', rejected, {
    token: { key: 'idp-rs2048', alg: 'RS256', header: { alg: 'PS256' } },
  })
  refuse('ps256-as-rs256', 'A PSS signature is no PKCS #1 v1.5 signature.', rejected, {
    token: { key: 'idp-rs2048', alg: 'PS256', header: { alg: 'RS256' } },
  })
  refuse('rs256-as-rs512', 'The hash is that of the algorithm.', rejected, {
    token: { key: 'idp-rs2048', alg: 'RS256', header: { alg: 'RS512' } },
  })
  refuse('es256-by-p384-key', 'An EC key serves the algorithm of its curve only.', 'subject_token.key.not_found', {
    token: { key: 'idp-es384', alg: 'ES384', header: { alg: 'ES256' } },
  })
  refuse('rs256-by-ec-key', 'An EC key serves no RSA algorithm.', 'subject_token.key.not_found', {
    token: { key: 'idp-rs2048', header: { kid: 'idp-es256' } },
  })

  bad('ed25519-s-plus-l', 'S + L is the same scalar as S and another signature: refused (RFC 8032 section 5.1.7).', 'idp-ed25519', (s) => {
    const [r, scalar] = halves(s)
    const le = (bytes) => Buffer.from(bytes).reverse()
    return Buffer.concat([r, le(toBytes(toInt(le(scalar)) + L, 32))])
  })
  bad('ed25519-small-order-r', 'R of small order with S zero is good under no honest key.', 'idp-ed25519', () => Buffer.concat([Buffer.from([1]), Buffer.alloc(63)]))
  accept('es256-high-s', 'ECDSA has no rule against a high s: half of all honest signatures have one (RFC 7518 section 3.4).', {
    token: { signature: (s) => high(s, true) },
  })
  accept('es256-low-s', 'A low s is as good.', { token: { signature: (s) => high(s, false) } })
  bad('es256-s-plus-n', 's + n is out of range.', 'idp-es256', () => Buffer.concat([toBytes(1n, 32), toBytes(N256, 32)]))
  bad('es256-r-zero', 'r = 0 is out of range.', 'idp-es256', (s) => Buffer.concat([Buffer.alloc(32), halves(s)[1]]))
  bad('es256-s-zero', 's = 0 is out of range.', 'idp-es256', (s) => Buffer.concat([halves(s)[0], Buffer.alloc(32)]))
  bad('es256-r-order', 'r = n is out of range.', 'idp-es256', (s) => Buffer.concat([toBytes(N256, 32), halves(s)[1]]))
  bad('es256-swapped', 'r and s have their order.', 'idp-es256', (s) => Buffer.concat(halves(s).reverse()))
  for (const name of ['idp-es256', 'idp-es384', 'idp-es512']) {
    refuse(`${name.slice(4)}-der`, 'A signature in DER is not one in JOSE form (RFC 7518 section 3.4), and the reason says so.', 'subject_token.signature.der', {
      token: { key: name, signature: (s) => der(...halves(s)) },
    })
  }
  bad('es256-der-cut-off', 'What only begins like DER is a bad signature like any other.', 'idp-es256', (s) => der(...halves(s)).subarray(0, 60))
  refuse('nonce-in-the-header', 'Microsoft Entra ID signs tokens for Microsoft Graph over the hash of a `nonce` in their header, so that only Graph can verify them.', 'subject_token.signature.nonce_in_header', {
    token: hashedNonce(),
  })
  refuse('nonce-in-the-header-and-another-audience', 'The `nonce` is the better hint.', 'subject_token.signature.nonce_in_header', {
    token: hashedNonce({ aud: '00000003-0000-0000-c000-000000000000' }),
  })
  accept('nonce-in-the-header-that-is-signed', 'A `nonce` in the header does no harm to a signature that is good.', { token: { header: { nonce: 'n' } } })
  refuse('bad-signature-for-another-audience', 'A token that is not good and not meant for us is most likely the wrong token.', 'subject_token.signature.other_audience', {
    token: { key: 'attacker-es256', header: { kid: 'idp-es256' }, claims: { aud: 'https://other.example' } },
  })
  refuse('no-key-and-another-audience', 'Without a key the key is the reason, whomever the token is for.', 'subject_token.key.not_found', {
    token: { header: { kid: 'unknown' }, claims: { aud: 'https://other.example' } },
  })

  refuse('rs256-s-plus-n', 's + n is the same number modulo n and another signature: refused (RFC 8017 section 5.2.2).', rejected, { token: overflowing() })
  bad('rs256-n', 's = n is out of range.', 'idp-rs2048', () => Buffer.from(key('idp-rs2048').jwk.n, 'base64url'))
  bad('rs256-one', 's = 1 signs nothing.', 'idp-rs2048', () => toBytes(1n, 256))
  bad('rs256-n-minus-one', 's = n - 1 signs nothing.', 'idp-rs2048', () => toBytes(toInt(Buffer.from(key('idp-rs2048').jwk.n, 'base64url')) - 1n, 256))
  bad('rs256-leading-zero', 'A leading zero makes the signature one byte too long.', 'idp-rs2048', (s) => Buffer.concat([Buffer.from([0]), s]))
  refuse('rs256-padding-only', 'The padded hash itself is a signature for e = 1 only.', rejected, {
    token: { key: 'idp-rs2048', made: (input) => emsa(input, 256) },
  })

  refuse('other-payload', 'A signature is that of one payload.', rejected, { token: grafted() })
  refuse('by-an-attacker', "An attacker's signature under the issuer's `kid` is rejected.", rejected, {
    token: { key: 'attacker-rs2048', header: { kid: 'idp-rs2048' } },
  })
  refuse('by-us', 'Our own key is nobody’s issuer’s.', rejected, { token: { key: 'ours', header: { kid: 'idp-es256' } } })
})

/** A token whose signature is over its header with the hash of the `nonce` in it. */
function hashedNonce(claims) {
  const nonce = 'AQABAAAAAAD'
  const signed = (input) => {
    const [header, payload] = input.split('.')
    const hashed = { ...JSON.parse(Buffer.from(header, 'base64url')), nonce: createHash('sha256').update(nonce).digest('base64url') }
    return rawSignature(key('idp-rs2048').privateKey, 'RS256', `${b64(JSON.stringify(hashed))}.${payload}`)
  }
  return { key: 'idp-rs2048', header: { typ: 'JWT', nonce }, claims, made: signed }
}

/** The same signature with the larger or the smaller of its two values of s. */
function high(signature, wanted) {
  const [r, s] = halves(signature)
  const value = toInt(s)
  const is = value > N256 / 2n
  return Buffer.concat([r, is === wanted ? s : toBytes(N256 - value, 32)])
}

/** A token whose signature plus the modulus still has 2048 bits. */
async function overflowing() {
  const n = toInt(Buffer.from(key('idp-rs2048').jwk.n, 'base64url'))
  for (let jti = 0; ; jti++) {
    const token = await jwt({ key: 'idp-rs2048', claims: { jti: String(jti) } })
    const at = token.text.lastIndexOf('.')
    const larger = toInt(Buffer.from(token.text.slice(at + 1), 'base64url')) + n
    if (larger >= 2n ** 2048n) continue
    const text = `${token.text.slice(0, at)}.${toBytes(larger, 256).toString('base64url')}`
    return { text, shown: { ...token.shown, signedBy: undefined } }
  }
}

/** The payload of one token with the signature of another. */
async function grafted() {
  const [one, other] = [await jwt({ claims: { sub: 'admin' } }), await jwt()]
  const [header, payload] = one.text.split('.')
  return { text: [header, payload, other.text.split('.')[2]].join('.'), shown: { ...one.shown, signedBy: undefined } }
}
