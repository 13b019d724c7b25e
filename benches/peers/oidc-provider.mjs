/**
 * The job as a custom grant of npm `oidc-provider`, in a process of its own. The
 * parent sends `{ port, keys }` and hears `listening`; the process ends when its
 * parent goes.
 */
import { createLocalJWKSet, jwtVerify } from 'jose'
import { Provider, errors } from 'oidc-provider'

import { API, CHECKS, CLIENT, JWT_TYPE, LIFETIME, SCOPE, SECRET, STS, TOKEN_EXCHANGE } from '../inside/job.mjs'

process.once('message', ({ port, keys }) => {
  const provider = makeProvider(keys)
  provider.listen(port, '127.0.0.1', () => process.send('listening'))
})
process.on('disconnect', () => process.exit(0))

function makeProvider({ theirs, ours }) {
  const provider = new Provider(STS, {
    jwks: { keys: [{ ...ours, use: 'sig' }] },
    clientDefaults: { id_token_signed_response_alg: 'ES256' },
    clients: [{ client_id: CLIENT, client_secret: SECRET, grant_types: [TOKEN_EXCHANGE], redirect_uris: [], response_types: [] }],
    extraTokenClaims: (context) => ({ email: context.state.email }),
    features: { devInteractions: { enabled: false }, resourceIndicators: { enabled: true } },
  })
  provider.registerGrantType(TOKEN_EXCHANGE, exchange(provider, theirs), ['subject_token', 'subject_token_type', 'audience', 'scope'])
  return provider
}

/** The grant: the same checks as those of the configuration in `inside/job.mjs`. */
function exchange({ AccessToken, ResourceServer }, theirs) {
  const set = createLocalJWKSet({ keys: [theirs] })
  const server = new ResourceServer(API, {
    audience: API,
    scope: SCOPE,
    accessTokenTTL: LIFETIME,
    accessTokenFormat: 'jwt',
    jwt: { sign: { alg: 'ES256' } },
  })
  return async (context) => {
    const { params, client } = context.oidc
    if (params.subject_token_type !== JWT_TYPE) throw new errors.InvalidRequest('subject_token_type must be jwt')
    if (params.scope !== undefined && params.scope !== SCOPE) throw new errors.InvalidScope('scope is not allowed', params.scope)
    const verified = await jwtVerify(params.subject_token, set, CHECKS).catch(({ message }) => {
      throw new errors.InvalidRequest(message)
    })
    const { sub, email } = verified.payload
    context.state.email = email
    const token = new AccessToken({ client, accountId: sub, scope: SCOPE, expiresIn: LIFETIME, gty: 'token_exchange' })
    token.resourceServer = server
    const access_token = await token.save()
    context.body = { access_token, issued_token_type: JWT_TYPE, token_type: 'Bearer', expires_in: LIFETIME, scope: SCOPE }
  }
}
