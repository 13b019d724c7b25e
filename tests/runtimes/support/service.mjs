/** The service of the Worker tests: its configuration, and how clients speak to it. */
import assert from 'node:assert/strict'

export const STS = 'https://sts.example.com'
export const API = 'https://api.example.com'
export const ADMIN = 'an-admin-token-of-the-tests-0123456789'
export const SECRET = 'a-secret-of-the-application-0123456789'
export const WORKER = `
  import { createWorker } from 'exchequer/worker'
  export { ExchequerStore } from 'exchequer/worker'
  export default createWorker()`

const TOKEN_EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange'

/** One issuer, which is `trusted` more; one application, which is `application` more. */
export function configuration(issuer, { trusted, application, ...more } = {}) {
  return {
    issuer: STS,
    trustedTokenIssuers: [{ name: 'Issuer', issuer, certificate: { jwksUri: `${issuer}/jwks` }, ...trusted }],
    applications: [{
      name: 'App', clientId: 'app', clientSecret: { env: 'APP_SECRET' }, type: 'machine', trustedTokenIssuers: ['Issuer'],
      grantTypes: [TOKEN_EXCHANGE, 'refresh_token'], audiences: [API], scopes: ['read'], ...application,
    }],
    ...more,
  }
}

/** Bindings for it. */
export const bindings = (config) => ({ bindings: { EXCHEQUER_CONFIG: JSON.stringify(config), EXCHEQUER_ADMIN_TOKEN: ADMIN, APP_SECRET: SECRET } })

/** What links a subject to the user whose address it says. */
export const LINKING = {
  trusted: { implicitAssociation: { isEnabled: true, lookupAttribute: ['email'] } },
  application: { subject: { useMappedLocalSubject: true, mappedLocalSubjectMandatory: true } },
  users: [{ id: 'u-ada', username: 'ada', claims: { email: 'ada@example.com' } }],
}

/** A token request. */
export function request(form) {
  return { method: 'POST', body: new URLSearchParams(form), headers: { authorization: `Basic ${btoa(`app:${SECRET}`)}` } }
}

export const exchangeOf = (subject_token) => ({
  grant_type: TOKEN_EXCHANGE,
  subject_token,
  subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
})

export const refreshOf = (refresh_token) => ({ grant_type: 'refresh_token', refresh_token })

export async function post(worker, form, headers = {}) {
  const { headers: own, ...rest } = request(form)
  const response = await worker.fetch('/oauth2/token', { ...rest, headers: { ...own, ...headers } })
  return { status: response.status, ...(await response.json()) }
}

/** The one that won of many requests at once; every other was refused for `error`. */
export async function winner(worker, forms, error) {
  const replies = await Promise.all(forms.map((form) => post(worker, form)))
  const [won, ...more] = replies.filter(({ status }) => status === 200)
  assert.deepEqual(more, [], 'more than one won')
  assert.ok(won !== undefined, `nobody won: ${JSON.stringify(replies[0])}`)
  const errors = new Set(replies.filter((reply) => reply !== won).map((reply) => reply.error))
  assert.deepEqual(errors, new Set([error]))
  return won
}
