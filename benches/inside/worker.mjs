/**
 * A Worker in which every party waits: `PUT /keys` makes them, `PUT /tokens`
 * keeps the tokens of a round, and `POST /run/N` has the Nth party exchange all of
 * them. Nothing else is in the request that is measured.
 */
import { exchequer } from './exchequer.mjs'
import { handWritten, handWrittenWithMap } from './jose.mjs'
import { oneSignature, twoSignatures } from './web-signatures.mjs'

let parties = []
let tokens = []

export default {
  async fetch(request) {
    const [, what, which] = new URL(request.url).pathname.split('/')
    if (what === 'keys') {
      const keys = await request.json()
      const cached = (keys) => exchequer(keys, { cache: true })
      parties = await Promise.all([exchequer, cached, handWritten, handWrittenWithMap, twoSignatures, oneSignature].map((make) => make(keys)))
    } else if (what === 'tokens') {
      tokens = await request.json()
    } else {
      const exchange = parties[Number(which)]
      let last
      for (const token of tokens) last = await exchange(token)
      return Response.json(last.access_token ?? null)
    }
    return new Response(null, { status: 204 })
  },
}
