/** A Worker that makes one exchange a request with Exchequer, and is ready when it is asked first. */
import { exchequer } from './exchequer.mjs'

let ready

export default {
  async fetch(request) {
    const { keys, token } = await request.json()
    ready ??= exchequer(keys)
    return Response.json(await (await ready)(token))
  },
}
