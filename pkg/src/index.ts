/**
 * The public names that are the same on every platform. What needs the
 * platform, `createExchequer` above all, is in `entry/`.
 */
export type { Algorithm } from './algorithms.js'
export type { CryptoProvider, Jwk } from './crypto/provider.js'
export type { Reply, Secrets } from './engine.js'
export { AccessError, ConfigurationError, ExchequerError, SupplyKeysError, TokenError } from './errors.js'
export type {
  AssertionRequest,
  ClientCredentialsRequest,
  DpopProof,
  ExchangeRequest,
  ExchangeResponse,
  RefreshRequest,
  TokenOfClient,
  TokenRequest,
} from './exchange.js'
export type { Exchequer } from './exchequer.js'
export type { ExchequerConfig } from './generated/config.js'
export type {
  Claims,
  Decision,
  Explanation,
  IntrospectionResponse,
  Problem,
  ReasonCode,
  TokenResponse,
} from './generated/results.js'
export type { AccessOptions, ExchequerOptions, PlainRequest, SenderAddress, SignFunction, SignRequest } from './options.js'
export type { FetchFunction } from './fetch.js'
export type { Store, StoreWrite, StoredRecord } from './stores/store.js'
export type { ValidateOptions, Validity } from './validate.js'
