/** A Worker that makes one exchange a request with `jose`, and is ready when it is asked first. */
import { handWritten } from './jose.mjs'

let ready

export default {
  async fetch(request) {
    const { keys, token } = await request.json()
    ready ??= handWritten(keys)
    return Response.json(await (await ready)(token))
  },
}
