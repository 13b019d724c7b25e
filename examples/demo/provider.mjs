/**
 * The identity provider of the demo: npm `oidc-provider`, a certified OpenID
 * provider that knows nothing of Exchequer. It gives a build job a signed
 * token that says which project and branch it builds.
 *
 * Usage: node provider.mjs PORT AUDIENCE. Stops when its standard input ends.
 */
import { generateKeyPairSync } from 'node:crypto'

import { Provider } from 'oidc-provider'

const [port, audience] = process.argv.slice(2)
const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })

const provider = new Provider(`http://127.0.0.1:${port}`, {
  jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), kid: 'build-farm-1', alg: 'RS256', use: 'sig' }] },
  clients: [
    {
      client_id: 'build-job-4711',
      client_secret: process.env.BUILD_JOB_SECRET,
      grant_types: ['client_credentials'],
      redirect_uris: [],
      response_types: [],
    },
  ],
  extraTokenClaims: () => ({ project: 'lighthouse', branch: 'release/2026-11' }),
  features: {
    clientCredentials: { enabled: true },
    devInteractions: { enabled: false },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => audience,
      getResourceServerInfo: (_, resource) => ({
        scope: '',
        audience: resource,
        accessTokenFormat: 'jwt',
        accessTokenTTL: 600,
        jwt: { sign: { alg: 'RS256' } },
      }),
    },
  },
})

const server = provider.listen(Number(port), '127.0.0.1', () => console.log('listening'))
process.stdin.resume().on('end', () => server.close().closeAllConnections())
