/** The keys of both sides, and subject tokens; wherever there is `node:crypto`. */
import { createPrivateKey, generateKeyPairSync, randomUUID, sign } from 'node:crypto'

import { subjectClaims } from './job.mjs'

/** Fresh keys: the issuer's private and public key, and the signing key of this server. */
export function makeKeys() {
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return {
    issuer: rsa.privateKey.export({ format: 'jwk' }),
    theirs: { ...rsa.publicKey.export({ format: 'jwk' }), kid: 'idp-1', alg: 'RS256', use: 'sig' },
    ours: { ...ec.privateKey.export({ format: 'jwk' }), kid: 'sts-1', alg: 'ES256' },
  }
}

/** Returns a function that makes `count` different tokens; `more` are further claims. */
export function tokenMaker({ issuer, theirs }, more = {}) {
  const key = createPrivateKey({ key: issuer, format: 'jwk' })
  const header = part({ alg: 'RS256', kid: theirs.kid, typ: 'JWT' })
  const token = () => {
    const claims = { ...subjectClaims(randomUUID(), Math.floor(Date.now() / 1000)), ...more }
    const text = `${header}.${part(claims)}`
    return `${text}.${sign('sha256', Buffer.from(text), key).toString('base64url')}`
  }
  return (count) => Array.from({ length: count }, token)
}

const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url')
