/** Presets for well-known issuers: where their keys are, which conditions to set, and common mistakes. */
import { ALGORITHMS, type Certificate, type Condition } from './model.ts'
import { BUILDS, CLOUDS } from './presets/builds.ts'

export interface Preset {
  id: string
  label: string
  /** What has to be filled in, with an example. */
  asks: { name: string; label: string; example: string }[]
  /** `{name}` stands for what was filled in. */
  issuer: string
  /** The audience that its tokens carry, where this server cannot be asked for by its name. */
  alias?: string
  certificate: Certificate
  algorithms?: string[]
  conditions: Condition[]
  claims?: { from: string; to: string }[]
  maxTokenAgeSeconds?: number
  /** Claims of a token as this issuer makes them. */
  sample: Record<string, unknown>
  tokenType: 'jwt' | 'id_token' | 'access_token'
  traps: string[]
}

const email = [{ from: 'email', to: 'email' }]

export const PRESETS: Preset[] = [
  {
    id: 'github',
    label: 'GitHub Actions',
    asks: [
      { name: 'owner', label: 'Organisation or user', example: 'octo-org' },
      { name: 'ownerId', label: 'Owner’s id', example: '123456' },
      { name: 'repositoryId', label: 'Repository’s id', example: '456789' },
    ],
    issuer: 'https://token.actions.githubusercontent.com',
    certificate: { jwksUri: 'https://token.actions.githubusercontent.com/.well-known/jwks' },
    algorithms: ['RS256'],
    conditions: [
      { claim: 'repository_owner_id', equals: '{ownerId}' },
      { claim: 'repository_id', equals: '{repositoryId}' },
      { claim: 'ref', like: 'refs/heads/*' },
    ],
    sample: {
      sub: 'repo:{owner}@{ownerId}/app@{repositoryId}:ref:refs/heads/main',
      repository: '{owner}/app',
      repository_id: '{repositoryId}',
      repository_owner: '{owner}',
      repository_owner_id: '{ownerId}',
      ref: 'refs/heads/main',
      event_name: 'push',
      actor: 'octocat',
    },
    tokenType: 'jwt',
    traps: [
      'Every repository on GitHub gets tokens of this issuer: without a condition on `repository_owner_id` or `repository_id` you trust them all.',
      'Names can be given up and taken by somebody else; ids cannot. `gh api repos/OWNER/REPO --jq "[.owner.id, .id]"` prints both. For all repositories of an owner, remove the condition on `repository_id`.',
      '`sub` has two formats: repositories that were created, renamed or transferred after 15 July 2026 have the ids in it, as in `repo:octo-org@123456/app@456789:…`. A condition on names in `sub` no longer holds for them.',
      'The default audience is the owner’s URL. Ask for this server’s: `core.getIDToken(audience)`, or `&audience=` in the request.',
      'Pull requests from forks have `ref` `refs/pull/…`; the condition on `ref` keeps them out.',
      'The workflow needs `permissions: id-token: write`.',
    ],
  },
  {
    id: 'gitlab',
    label: 'GitLab CI/CD',
    asks: [
      { name: 'host', label: 'GitLab host', example: 'gitlab.com' },
      { name: 'group', label: 'Group', example: 'my-group' },
    ],
    issuer: 'https://{host}',
    certificate: { discovery: true },
    algorithms: ['RS256'],
    conditions: [
      { claim: 'namespace_path', equals: '{group}' },
      { claim: 'ref_protected', equals: 'true' },
    ],
    sample: { sub: 'project_path:{group}/app:ref_type:branch:ref:main', namespace_path: '{group}', project_path: '{group}/app', ref: 'main', ref_type: 'branch', ref_protected: 'true', user_login: 'ada' },
    tokenType: 'jwt',
    traps: [
      'GitLab writes `"true"` and numbers as strings; a condition that compares with a boolean does not hold.',
      'The audience is what the job names: `id_tokens: { TOKEN: { aud: … } }`. `CI_JOB_JWT` is gone since GitLab 17.',
      '`namespace_path` of a subgroup is the whole path; “like” with `my-group/*` includes subgroups.',
    ],
  },
  ...BUILDS,
  {
    id: 'kubernetes',
    label: 'Kubernetes',
    asks: [
      { name: 'namespace', label: 'Namespace', example: 'payments' },
      { name: 'account', label: 'Service account', example: 'worker' },
    ],
    issuer: 'https://kubernetes.default.svc.cluster.local',
    certificate: { jwks: { keys: [] } },
    conditions: [{ claim: 'sub', equals: 'system:serviceaccount:{namespace}:{account}' }],
    sample: { sub: 'system:serviceaccount:{namespace}:{account}', 'kubernetes.io': { namespace: '{namespace}', serviceaccount: { name: '{account}' } } },
    tokenType: 'jwt',
    traps: [
      'Most clusters do not publish their keys. Paste the output of `kubectl get --raw /openid/v1/jwks`, and paste it again when the cluster changes its keys.',
      'The issuer is the cluster’s `--service-account-issuer`: `kubectl get --raw /.well-known/openid-configuration` names it. EKS, GKE and AKS each have a public one per cluster.',
      'Only projected tokens with an `audience` of this server work: `serviceAccountToken` volumes, or `kubectl create token --audience`.',
    ],
  },
  ...CLOUDS,
  {
    id: 'google',
    label: 'Google',
    asks: [
      { name: 'audience', label: 'OAuth client id, or the audience you ask for', example: '1234-abc.apps.googleusercontent.com' },
      { name: 'domain', label: 'Workspace domain', example: 'example.com' },
    ],
    issuer: 'https://accounts.google.com',
    certificate: { jwksUri: 'https://www.googleapis.com/oauth2/v3/certs' },
    algorithms: ['RS256'],
    conditions: [{ claim: 'hd', equals: '{domain}' }],
    claims: email,
    sample: { sub: '110169484474386276334', aud: '{audience}', azp: '{audience}', email: 'ada@{domain}', email_verified: true, hd: '{domain}' },
    tokenType: 'id_token',
    traps: [
      'Set the alias to your OAuth client id: it is the `aud` of Google’s ID tokens.',
      'Anybody can have a Google account: require `hd` (Workspace) or certain subjects.',
      'Service accounts have no `hd`; restrict them by `sub` or `email`.',
      'Google’s access tokens are opaque and cannot be exchanged; send the ID token.',
    ],
  },
  {
    id: 'entra',
    label: 'Microsoft Entra ID',
    asks: [
      { name: 'tenant', label: 'Tenant id', example: '11111111-2222-3333-4444-555555555555' },
      { name: 'audience', label: 'Application id URI or client id', example: 'api://exchequer' },
    ],
    issuer: 'https://login.microsoftonline.com/{tenant}/v2.0',
    certificate: { jwksUri: 'https://login.microsoftonline.com/{tenant}/discovery/v2.0/keys' },
    algorithms: ['RS256'],
    conditions: [{ claim: 'tid', equals: '{tenant}' }],
    claims: [{ from: 'preferred_username', to: 'email' }],
    sample: { sub: 'AAAAAAAAAAAAAAAAAAAAAIkzqFVrSaSaFHy782bbtaQ', aud: '{audience}', tid: '{tenant}', oid: '66666666-7777-8888-9999-000000000000', preferred_username: 'ada@example.com', ver: '2.0' },
    tokenType: 'access_token',
    traps: [
      'Tokens of version 1 name `https://sts.windows.net/{tenant}/` as issuer. Set `requestedAccessTokenVersion` to 2 in the manifest, or register that issuer.',
      'A token for Microsoft Graph cannot be verified by anybody else. Ask for a scope of your own application.',
      '`sub` differs per application for one person; `oid` is the same everywhere.',
      '`common` and `organizations` are no issuers: a token names its tenant.',
    ],
  },
  {
    id: 'okta',
    label: 'Okta',
    asks: [
      { name: 'domain', label: 'Okta domain', example: 'dev-123456.okta.com' },
      { name: 'server', label: 'Authorization server', example: 'default' },
    ],
    issuer: 'https://{domain}/oauth2/{server}',
    certificate: { discovery: true },
    algorithms: ['RS256'],
    conditions: [],
    claims: email,
    sample: { sub: 'ada@example.com', aud: 'api://default', cid: '0oa1b2c3d4', uid: '00u1b2c3d4', scp: ['openid'] },
    tokenType: 'access_token',
    traps: [
      'Access tokens of the org server (`https://{domain}`) are for Okta’s own API and cannot be validated. Use a custom authorization server.',
      'The audience of the default server is `api://default`: set it as alias, or add one of your own in Okta.',
    ],
  },
  {
    id: 'auth0',
    label: 'Auth0',
    asks: [
      { name: 'domain', label: 'Auth0 domain', example: 'my-tenant.eu.auth0.com' },
      { name: 'audience', label: 'API identifier', example: 'https://api.example.com' },
    ],
    issuer: 'https://{domain}/',
    certificate: { jwksUri: 'https://{domain}/.well-known/jwks.json' },
    algorithms: ['RS256'],
    conditions: [],
    claims: email,
    sample: { sub: 'auth0|65f0c0ffee', aud: ['{audience}', 'https://{domain}/userinfo'], azp: 'x8Y7z6', scope: 'openid profile' },
    tokenType: 'access_token',
    traps: [
      'The issuer ends with a slash, and the comparison is exact.',
      'Without `audience` in the authorization request Auth0 issues an opaque or encrypted token, which cannot be exchanged.',
    ],
  },
  {
    id: 'keycloak',
    label: 'Keycloak',
    asks: [
      { name: 'host', label: 'Host', example: 'sso.example.com' },
      { name: 'realm', label: 'Realm', example: 'staff' },
    ],
    issuer: 'https://{host}/realms/{realm}',
    certificate: { discovery: true },
    conditions: [],
    claims: email,
    sample: { sub: 'f3a1b2c3-0000-4000-8000-000000000001', typ: 'Bearer', azp: 'web', aud: 'account', email: 'ada@example.com', email_verified: true, preferred_username: 'ada' },
    tokenType: 'access_token',
    traps: [
      'By default the audience is `account`. Add an audience mapper for this server to the client scope.',
      'The issuer follows the host name that the request used unless `KC_HOSTNAME` is set. Before version 17 the path began with `/auth`.',
    ],
  },
  {
    id: 'wso2',
    label: 'WSO2 Identity Server',
    asks: [
      { name: 'host', label: 'Host and port', example: 'is.example.com:9443' },
      { name: 'client', label: 'Client id', example: 'my-client' },
    ],
    issuer: 'https://{host}/oauth2/token',
    certificate: { jwksUri: 'https://{host}/oauth2/jwks' },
    algorithms: ['RS256'],
    conditions: [],
    claims: email,
    sample: { sub: 'ada', aud: '{client}', azp: '{client}', aut: 'APPLICATION_USER', email: 'ada@example.com' },
    tokenType: 'access_token',
    traps: [
      'Access tokens are opaque by default: choose JWT under Applications → Protocol → Access Token.',
      'The audience is the client id unless one is added there; set it as alias.',
      'The certificate on port 9443 is self-signed at first, and fetching keys over it fails. Upload the token signing certificate instead.',
    ],
  },
  {
    id: 'asgardeo',
    label: 'Asgardeo',
    asks: [
      { name: 'org', label: 'Organisation', example: 'acme' },
      { name: 'client', label: 'Client id', example: 'my-client' },
    ],
    issuer: 'https://api.asgardeo.io/t/{org}/oauth2/token',
    certificate: { jwksUri: 'https://api.asgardeo.io/t/{org}/oauth2/jwks' },
    algorithms: ['RS256'],
    conditions: [],
    claims: email,
    sample: { sub: '0b8f3f0e-0000-4000-8000-000000000001', aud: '{client}', org_name: '{org}', email: 'ada@example.com' },
    tokenType: 'access_token',
    traps: ['Access tokens are opaque by default: choose JWT in the application’s protocol settings.', 'The audience is the client id; set it as alias.', 'The subject is the user’s id unless another subject attribute is chosen; `email` has to be requested and mapped.'],
  },
  {
    id: 'spire',
    label: 'SPIFFE / SPIRE',
    asks: [
      { name: 'host', label: 'Host of the OIDC discovery provider', example: 'oidc.example.org' },
      { name: 'domain', label: 'Trust domain', example: 'example.org' },
    ],
    issuer: 'https://{host}',
    certificate: { jwksUri: 'https://{host}/keys' },
    algorithms: ['ES256', 'RS256'],
    conditions: [{ claim: 'sub', like: 'spiffe://{domain}/ns/*' }],
    maxTokenAgeSeconds: 600,
    sample: { sub: 'spiffe://{domain}/ns/payments/sa/worker' },
    tokenType: 'jwt',
    traps: [
      'A JWT-SVID has `iss` only if `jwt_issuer` is set on the SPIRE server, to the URL above.',
      'Fetch it for this server’s audience: `spire-agent api fetch jwt -audience …`.',
      'SVIDs live five minutes; a client that keeps one sees “expired”.',
    ],
  },
]

/** A preset with what was filled in. */
export function filled<T>(template: T, values: Record<string, string>): T {
  const fill = (value: unknown): unknown => {
    if (typeof value === 'string') return value.replace(/\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole)
    if (Array.isArray(value)) return value.map(fill)
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, fill(inner)]))
  }
  return fill(template) as T
}

export const algorithmsOf = (preset: Preset) => preset.algorithms ?? ALGORITHMS
