/** The limit where there is WebCrypto alone: its signatures and nothing else. */
const RSA = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }
const EC = { name: 'ECDSA', namedCurve: 'P-256' }
const ECDSA = { name: 'ECDSA', hash: 'SHA-256' }
/** As long as the signed part of an issued token. */
const MESSAGE = new Uint8Array(420).fill(7)

export async function twoSignatures({ theirs, ours }) {
  const key = await crypto.subtle.importKey('jwk', plain(theirs), RSA, false, ['verify'])
  const make = await oneSignature({ ours })
  const encoder = new TextEncoder()
  return async (token) => {
    const at = token.lastIndexOf('.')
    const good = await crypto.subtle.verify(RSA, key, bytes(token.slice(at + 1)), encoder.encode(token.slice(0, at)))
    if (!good) throw new Error('the signature is not good')
    return make()
  }
}

/** The limit for a token that was verified before. */
export async function oneSignature({ ours }) {
  const key = await crypto.subtle.importKey('jwk', plain(ours), EC, false, ['sign'])
  return () => crypto.subtle.sign(ECDSA, key, MESSAGE)
}

const plain = ({ kty, n, e, crv, x, y, d }) => JSON.parse(JSON.stringify({ kty, n, e, crv, x, y, d }))

/** Out of base64url. `Uint8Array.from` would call a function for each byte, and cost nearly as much as a signature. */
function bytes(text) {
  const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'))
  const all = new Uint8Array(binary.length)
  for (let at = 0; at < binary.length; at++) all[at] = binary.charCodeAt(at)
  return all
}
