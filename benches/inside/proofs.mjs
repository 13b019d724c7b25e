/** DPoP proofs of one client, wherever there is `node:crypto`. */
import { generateKeyPairSync, randomUUID, sign } from 'node:crypto'

import { STS } from './job.mjs'

/** A client's key: its public half as JWK, and a function that makes one proof after the other. */
export function prover() {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const client = publicKey.export({ format: 'jwk' })
  const header = part({ typ: 'dpop+jwt', alg: 'ES256', jwk: client })
  const prove = () => {
    const claims = { jti: randomUUID(), htm: 'POST', htu: `${STS}/oauth2/token`, iat: Math.floor(Date.now() / 1000) }
    const text = Buffer.from(`${header}.${part(claims)}`)
    const signature = sign('sha256', text, { key: privateKey, dsaEncoding: 'ieee-p1363' })
    // One string, as a header field of a request is: not a chain of strings.
    return Buffer.from(`${text}.${signature.toString('base64url')}`).toString('latin1')
  }
  return { client, prove }
}

const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url')
