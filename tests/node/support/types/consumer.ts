/** Uses every name that is published. Compiled, never run. */
import {
  type Algorithm,
  ConfigurationError,
  type CryptoProvider,
  type ExchangeRequest,
  type Exchequer,
  ExchequerError,
  type ExchequerOptions,
  type FetchFunction,
  type Jwk,
  type PlainRequest,
  type Problem,
  type Reply,
  type Secrets,
  type Store,
  type StoreWrite,
  type StoredRecord,
  TokenError,
  type TokenResponse,
  type ValidateOptions,
  type Validity,
  createExchequer,
  validate,
} from 'exchequer'
import { type ListenOptions, type Listening, generateKey, listen, nodeHandler, secretsFrom } from 'exchequer/node'
import { memoryStore } from 'exchequer/stores/memory'
import { redisStore } from 'exchequer/stores/redis'
import { sqliteStore } from 'exchequer/stores/sqlite'

const fetcher: FetchFunction = (url, init) => fetch(url, init)
const secrets: Secrets = secretsFrom('.')
const store: Store = memoryStore()
const shared: Promise<Store>[] = [redisStore('redis://localhost'), redisStore({ url: 'rediss://localhost' }, 'sts:')]
const options: ExchequerOptions = {
  store: () => sqliteStore('file:x.sqlite'),
  fetch: fetcher,
  now: () => 1,
  audit: (line: string) => void line,
  secrets,
  onError: (error: unknown) => void error,
}

export async function use(): Promise<void> {
  const sts: Exchequer = await createExchequer({ issuer: 'https://sts.example.com' }, options)
  const problems: readonly Problem[] = sts.warnings
  const response: Response = await sts.fetch(new Request('https://sts.example.com/healthz'))
  const plain: PlainRequest = { method: 'GET', target: '/healthz' }
  const reply: Reply | Promise<Reply> = sts.handle(plain)
  const request: ExchangeRequest = { clientId: 'a', subjectToken: 'b', subjectTokenType: 'jwt' }
  try {
    const issued: TokenResponse = await sts.exchange(request)
    void issued.access_token
  } catch (error) {
    if (error instanceof TokenError) void [error.status, error.code, error.reason, error.claim, error.cause]
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
