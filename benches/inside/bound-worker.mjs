/**
 * A Worker that has the parties of `bound.mjs`: `PUT /keys` makes them, `PUT /requests`
 * keeps those of a round, and `POST /run/N` has the Nth party take all of them.
 */
import { boundParties } from './bound.mjs'

const ECDSA = { name: 'ECDSA', hash: 'SHA-256' }

let parties = []
let requests = []

export default {
  async fetch(request) {
    const [, what, which] = new URL(request.url).pathname.split('/')
    if (what === 'keys') {
      parties = Object.values(await boundParties(await request.json(), verified))
    } else if (what === 'requests') {
      requests = await request.json()
    } else {
      const party = parties[Number(which)]
      let last
      for (const one of requests) last = await party(one)
      return Response.json(last?.access_token ?? null)
    }
    return new Response(null, { status: 204 })
  },
}

async function verified({ kty, crv, x, y }) {
  const key = await crypto.subtle.importKey('jwk', { kty, crv, x, y }, { name: 'ECDSA', namedCurve: 'P-256' }, false, ['verify'])
  const encoder = new TextEncoder()
  return async (proof) => {
    const at = proof.lastIndexOf('.')
    const good = await crypto.subtle.verify(ECDSA, key, bytes(proof.slice(at + 1)), encoder.encode(proof.slice(0, at)))
    if (!good) throw new Error('the signature is not good')
  }
}

const bytes = (text) => Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (char) => char.charCodeAt(0))
