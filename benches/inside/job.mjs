/** The job that every party does: its issuer, its client, and the claims of both tokens. Runs in every JavaScript runtime. */
export const ISSUER = 'https://idp.example.com'
export const STS = 'https://sts.example.com'
export const API = 'https://api.example.com'
export const CLIENT = 'deploy-bot'
export const SECRET = 'a-secret-of-the-benchmark-0123456789'
export const SCOPE = 'deploy:read'
export const LIFETIME = 3600
export const MAX_AGE = 7200
/** Seconds by which clocks may differ. */
export const LEEWAY = 30
/** What `jose` checks of a subject token: the same as the configuration does. */
export const CHECKS = {
  issuer: ISSUER,
  audience: STS,
  algorithms: ['RS256'],
  maxTokenAge: MAX_AGE,
  clockTolerance: LEEWAY,
  requiredClaims: ['sub', 'exp'],
}

export const TOKEN_EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange'
export const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer'
export const JWT_TYPE = 'urn:ietf:params:oauth:token-type:jwt'

/**
 * The job as a configuration document; `theirs` is the issuer's public key, `ours` is the private key of this server.
 *
 * @param caches the caches that are on; none unless they are named
 */
export const configuration = ({ theirs, ours }, caches) => ({
  issuer: STS,
  keys: [ours],
  trustedTokenIssuers: [trusted('CI', ISSUER, theirs)],
  applications: [application('Deploy bot', CLIENT, 'CI')],
  caches,
})

export const trusted = (name, issuer, jwk) => ({
  name,
  issuer,
  certificate: { jwks: { keys: [jwk] } },
  algorithms: ['RS256'],
  maxTokenAgeSeconds: MAX_AGE,
  claims: [{ from: 'email', to: 'email' }],
})

export const application = (name, clientId, issuer) => ({
  name,
  clientId,
  clientSecret: SECRET,
  type: 'machine',
  grantTypes: [TOKEN_EXCHANGE],
  trustedTokenIssuers: [issuer],
  audiences: [API],
  scopes: [SCOPE],
  accessToken: { attributes: ['email'], lifetimeSeconds: LIFETIME },
})

/** The claims of a token like those of a CI system: 1.4 KB about a build. */
export const subjectClaims = (id, now) => ({
  iss: ISSUER,
  aud: STS,
  sub: `repo:octo-org/octo-repo:ref:refs/heads/main:${id}`,
  iat: now,
  nbf: now,
  exp: now + MAX_AGE,
  ref: 'refs/heads/main',
  repository: 'octo-org/octo-repo',
  repository_owner: 'octo-org',
  workflow: 'deploy',
  workflow_ref: 'octo-org/octo-repo/.github/workflows/deploy.yml@refs/heads/main',
  job_workflow_ref: 'octo-org/octo-automation/.github/workflows/oidc.yml@refs/heads/main',
  environment: 'production',
  email: 'builder@example.com',
  filler: 'x'.repeat(240),
  jti: id,
})
