/** Uses every name that is published. Compiled, never run. */
import {
  AccessError,
  type AccessOptions,
  type Algorithm,
  type AssertionRequest,
  type ClientCredentialsRequest,
  type Claims,
  ConfigurationError,
  type CryptoProvider,
  type Decision,
  type ExchangeRequest,
  type ExchangeResponse,
  type Exchequer,
  type ExchequerConfig,
  ExchequerError,
  type ExchequerOptions,
  type Explanation,
  type FetchFunction,
  type IntrospectionResponse,
  type Jwk,
  type PlainRequest,
  type Problem,
  type ReasonCode,
  type RefreshRequest,
  type Reply,
  type Secrets,
  type Store,
  type StoreWrite,
  type StoredRecord,
  TokenError,
  type TokenOfClient,
  type TokenRequest,
  type TokenResponse,
  type ValidateOptions,
  type Validity,
  createExchequer,
  validate,
} from 'exchequer'
import { type ListenOptions, type Listening, generateKey, listen, nodeHandler, secretsFrom } from 'exchequer/node'
import { memoryStore } from 'exchequer/stores/memory'
import { postgresStore } from 'exchequer/stores/postgres'
import { redisStore } from 'exchequer/stores/redis'
import { sqliteStore } from 'exchequer/stores/sqlite'

const fetcher: FetchFunction = (url, init) => fetch(url, init)
const secrets: Secrets = secretsFrom('.')
const store: Store = memoryStore()
const shared: Promise<Store>[] = [postgresStore('postgres://localhost'), postgresStore({ url: 'postgres://localhost', connections: 4 }), redisStore('redis://localhost'), redisStore({ url: 'rediss://localhost' }, 'sts:')]
const options: ExchequerOptions = {
  store: () => sqliteStore('file:x.sqlite'),
  fetch: fetcher,
  now: () => 1,
  audit: (line: string) => void line,
  onDecision: ({ event, reason, checks }: Decision) => void [event, reason, checks[0]?.outcome],
  secrets,
  onError: (error: unknown) => void error,
}

const config: ExchequerConfig = {
  issuer: 'https://sts.example.com',
  keys: [{ kty: 'EC', crv: 'P-256', d: 'a', x: 'b', y: 'c' }, { env: 'KEY' }],
  trustedTokenIssuers: [
    {
      name: 'Build farm',
      issuer: 'https://builds.example.com',
      certificate: { jwks: { keys: [{ kty: 'EC' }] } },
      algorithms: ['RS256'],
      conditions: [{ claim: 'team', equals: 'engines' }, { claim: 'ref', like: 'refs/*', mode: 'audit' }],
    },
    { name: 'Other', issuer: 'https://other.example.com', certificate: { discovery: true } },
  ],
  applications: [{ clientId: 'a', clientSecret: { file: 'secret' }, grantTypes: ['refresh_token'], trustedTokenIssuers: ['Other'] }],
}

// What the document does not have is an error of the compiler.
// @ts-expect-error
export const misspelt: ExchequerConfig = { isuer: 'https://sts.example.com' }
// @ts-expect-error
export const untested: ExchequerConfig['trustedTokenIssuers'] = [{ name: 'a', issuer: 'b', certificate: {} }]

/** Every reason is known by its name. */
export function about(reason: ReasonCode): string {
  const known: ReasonCode[] = ['subject_token.claim.aud.mismatch', 'client.unknown', 'claim.exp.expired']
  // @ts-expect-error
  known.push('subject_token.claim.aud.mismatched')
  return known.includes(reason) ? reason : 'another'
}

export async function use(): Promise<void> {
  const sts: Exchequer = await createExchequer(config, options)
  const problems: readonly Problem[] = sts.warnings
  const response: Response = await sts.fetch(new Request('https://sts.example.com/healthz'))
  const plain: PlainRequest = { method: 'GET', target: '/healthz' }
  const reply: Reply | Promise<Reply> = sts.handle(plain)
  const request: ExchangeRequest = { clientId: 'a', subjectToken: 'b', subjectTokenType: 'jwt' }
  const assertion: AssertionRequest = { clientId: 'a', assertion: 'b' }
  const refresh: RefreshRequest = { clientId: 'a', refreshToken: 'b' }
  const itself: ClientCredentialsRequest = { clientId: 'a', grantType: 'client_credentials' }
  const ofClient: TokenOfClient = { clientId: 'a', token: 'b' }
  const access: AccessOptions = { scopes: ['a'], audience: 'b' }
  try {
    const exchanged: ExchangeResponse = await sts.exchange(request)
    const issued: TokenResponse = await sts.exchange(assertion)
    const about: TokenResponse = await sts.exchange(itself)
    const any: TokenRequest = refresh
    const explained: Explanation = await sts.explain(any)
    const described: IntrospectionResponse = await sts.introspect(ofClient)
    const claims: Claims = await sts.authenticate('token', access)
    await sts.revoke(ofClient)
    void [exchanged.issued_token_type.length, issued.access_token, about.token_type, explained.checks, described.active, claims.sub]
  } catch (error) {
    if (error instanceof TokenError) void [error.status, error.code, error.reason, error.claim, error.cause, error.retryAfter]
    if (error instanceof AccessError) void [error.response, about(error.reason ?? 'unknown')]
    if (error instanceof ConfigurationError) void error.problems
    if (error instanceof ExchequerError) void error.code
  }
  const limits: ListenOptions = { port: 0 }
  const listening: Listening = await listen(sts, limits)
  void [nodeHandler(sts), listening.url, problems, response, reply, store, shared]
  await listening.close()
  await sts.close()

  const key: Jwk = generateKey('ES256')
  const against: ValidateOptions = { jwks: { keys: [key] }, issuer: 'a', audience: ['b'] }
  const validity: Validity = validate('token', against)
  if (validity.ok) void validity.claims
  else void [validity.reason, validity.claim, validity.message]
}

export type Rest = [Algorithm, CryptoProvider, StoreWrite, StoredRecord]
