/** The limit where there is `node:crypto`: its synchronous signatures and nothing else. */
import { createPrivateKey, createPublicKey, sign, verify } from 'node:crypto'

/** As long as the signed part of an issued token. */
const MESSAGE = Buffer.alloc(420, 7)

export function twoSignatures({ theirs, ours }) {
  const key = createPublicKey({ key: theirs, format: 'jwk' })
  const make = oneSignature({ ours })
  return (token) => {
    const at = token.lastIndexOf('.')
    const good = verify('sha256', Buffer.from(token.slice(0, at)), key, Buffer.from(token.slice(at + 1), 'base64url'))
    if (!good) throw new Error('the signature is not good')
    return make()
  }
}

/** The limit for a token that was verified before. */
export function oneSignature({ ours }) {
  const key = createPrivateKey({ key: ours, format: 'jwk' })
  return () => sign('sha256', MESSAGE, { key, dsaEncoding: 'ieee-p1363' })
}
