/** A Worker that does nothing but call its stores, for the suite that all stores pass. */
import { d1Store } from 'exchequer/stores/d1'
import { durableObjectStore } from 'exchequer/stores/durable-object'

import { decode, encode } from './wire.mjs'

export { ExchequerStore } from 'exchequer/stores/durable-object'

let d1

export default {
  async fetch(request, env) {
    d1 ??= d1Store(env.EXCHEQUER_DB)
    const store = request.url.endsWith('/d1') ? d1 : durableObjectStore(env.EXCHEQUER_STORE)
    const { method, args } = decode(await request.text())
    return new Response(encode({ result: await store[method](...args) }))
  },
}
