/** The token endpoint as one writes it by hand for a Worker: the job with `jose` behind HTTP. */
import { CLIENT, JWT_TYPE, SCOPE, SECRET, TOKEN_EXCHANGE } from './job.mjs'
import { handWritten } from './jose.mjs'

const AUTHORIZATION = `Basic ${btoa(`${CLIENT}:${SECRET}`)}`

let ready

export default {
  async fetch(request, { KEYS }) {
    ready ??= handWritten(JSON.parse(KEYS))
    if (request.method !== 'POST' || new URL(request.url).pathname !== '/oauth2/token') return answer(404, { error: 'not_found' })
    if (request.headers.get('authorization') !== AUTHORIZATION) return answer(401, { error: 'invalid_client' })
    const form = new URLSearchParams(await request.text())
    if (form.get('grant_type') !== TOKEN_EXCHANGE) return answer(400, { error: 'unsupported_grant_type' })
    if (form.get('subject_token_type') !== JWT_TYPE) return answer(400, { error: 'invalid_request' })
    if ((form.get('scope') ?? SCOPE) !== SCOPE) return answer(400, { error: 'invalid_scope' })
    try {
      return answer(200, { ...(await (await ready)(form.get('subject_token'))), issued_token_type: JWT_TYPE })
    } catch {
      return answer(400, { error: 'invalid_request' })
    }
  },
}

const answer = (status, body) => Response.json(body, { status, headers: { 'cache-control': 'no-store' } })
