/** The job's token request over HTTP. */
import { CLIENT, JWT_TYPE, SCOPE, SECRET, TOKEN_EXCHANGE } from '../inside/job.mjs'

export function tokenRequest(token, path = '/oauth2/token') {
  const body = new URLSearchParams({ grant_type: TOKEN_EXCHANGE, subject_token: token, subject_token_type: JWT_TYPE, scope: SCOPE }).toString()
  const authorization = `Basic ${Buffer.from(`${CLIENT}:${SECRET}`).toString('base64')}`
  const headers = { authorization, 'content-type': 'application/x-www-form-urlencoded', 'content-length': body.length }
  return { method: 'POST', path, headers, body }
}
