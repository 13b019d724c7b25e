/** What a service is made with and asked for: the shapes, without a line that runs. */
import type { Algorithm } from './algorithms.js'
import type { CryptoProvider } from './crypto/provider.js'
import type { Secrets } from './engine.js'
import type { FetchFunction } from './fetch.js'
import type { Decision } from './generated/results.js'
import type { Awaitable, Store } from './stores/store.js'

/** What is to be signed: the bytes, and by which key. */
export interface SignRequest {
  readonly alg: Algorithm
  /** The name of the key. */
  readonly kid: string
  readonly message: Uint8Array
}

/** Makes a signature in JOSE form: of ECDSA `r ‖ s`, not DER. */
export type SignFunction = (request: SignRequest) => Awaitable<Uint8Array>

/** What a service runs on. Every part has a default. */
export interface ExchequerOptions {
  /**
   * Where records are kept, or a function that opens it once the configuration
   * is known to be good. Default: in memory, gone with the process.
   */
  store?: Store | (() => Awaitable<Store>) | undefined
  /** Fetches issuers' keys. Default: the global `fetch`. */
  fetch?: FetchFunction | undefined
  /** Computes signatures. Default: the fastest there is on this platform. */
  crypto?: CryptoProvider | undefined
  /** The time in seconds since the epoch. Default: the system's. */
  now?: (() => number) | undefined
  /**
   * Takes one line of JSON for each request that was decided and each administrative write. Contains
   * no token and no secret. A line for which it throws, or rejects, is counted as lost.
   */
  audit?: ((line: string) => Awaitable<void>) | undefined
  /** Takes the same as an object: to put it into a structured log, or to count. */
  onDecision?: ((decision: Decision) => void) | undefined
  /** Finds the secrets that the configuration names; throws when there is none. */
  secrets?: Secrets | undefined
  /**
   * Lets its bearer administer over HTTP: at least 16 printable characters. Default: nobody is
   * an administrator but bearers of access tokens with the scope `exchequer:admin`, or one below it.
   */
  adminToken?: string | undefined
  /**
   * Encrypts the signing keys that are made here and kept in the store: 32 bytes in base64, or
   * several with commas between them, of which the first encrypts and all decrypt. Default: they
   * are kept as they are.
   */
  keyWrappingKey?: string | undefined
  /**
   * Signs with the keys of the configuration that say `"private": "host"`: their private half is in
   * a device, such as an HSM or a KMS. A signature is verified before it is used.
   */
  sign?: SignFunction | undefined
  /** Hears of what failed outside a request's reply: a store that is down, an audit sink that throws. */
  onError?: ((error: unknown) => void) | undefined
  /**
   * Takes work that goes on behind a reply, such as fetching keys before they grow old. For platforms
   * that stop when a request is answered, unless they are told: `waitUntil`.
   */
  background?: ((work: Promise<unknown>) => void) | undefined
}

/** What a token must have to be let in. */
export interface AccessOptions {
  /** Every one of these scopes. */
  scopes?: readonly string[] | undefined
  /** One of these audiences. Default: any, which is right only for the one API that tokens are issued for. */
  audience?: string | readonly string[] | undefined
  /**
   * Scheme and authority by which clients reach the API, such as `https://api.example.com`: a DPoP
   * proof names the URL of its request. Without it no token that is bound to a key lets anybody in.
   */
  origin?: string | undefined
  /** For an access token that is given as text: the DPoP proof that came with it, and for which request. */
  dpop?: { readonly proof: string; readonly method: string; readonly url: string } | undefined
  /** The client certificate of the connection, for tokens that are bound to one (RFC 8705). */
  certificate?: ClientCertificate | undefined
}

/** Which address a request comes from, so that failed attempts are counted for it: see `limits` of the configuration. */
export interface SenderAddress {
  /** The address at the other end of the connection: of the client, or of a proxy in front of this program. */
  peer?: string | undefined
  /** The address of the client, where the platform knows it better than the connection does. It takes the place of `peer`. */
  address?: string | undefined
}

/** An HTTP request as plain data. */
export interface PlainRequest extends SenderAddress {
  /** Upper case. */
  method: string
  /** Path and query. */
  target: string
  /** Header fields, name and value in turn. */
  headers?: readonly string[] | undefined
  body?: Uint8Array | string | undefined
  /** The certificate that the client showed in TLS (RFC 8705): never taken from the request itself. */
  certificate?: ClientCertificate | undefined
}

/** A client certificate: in DER, or by its SHA-256 thumbprint in hex and its subject (RFC 4514). */
export type ClientCertificate = {
  /** Whether its chain was verified up to an authority that is trusted for clients. */
  readonly verified: boolean
} & ({ readonly der: Uint8Array } | { readonly sha256: string; readonly subject?: string | undefined })
