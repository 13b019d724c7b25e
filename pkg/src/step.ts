/**
 * What crosses between the engine and its host: the TypeScript side of
 * `src/step.rs`. Cold asks and answers have exactly the members of their JSON;
 * `verify` and `sign` never become JSON.
 */
import type { Algorithm } from './algorithms.js'

/** Something the engine needs. */
export type Ask = VerifyAsk | SignAsk | FetchAsk | ReadAsk | ListAsk | CommitAsk

/** Whether a signature is good. The byte views hold until the next call into the engine. */
export interface VerifyAsk {
  ask: 'verify'
  alg: Algorithm
  /** RFC 7638 thumbprint of the key: a name for it. */
  thumbprint: string
  message: Uint8Array
  signature: Uint8Array
}

/** A signature by a key of ours. The byte views hold until the next call into the engine. */
export interface SignAsk {
  ask: 'sign'
  alg: Algorithm
  keyId: string
  message: Uint8Array
}

export interface FetchAsk {
  ask: 'fetch'
  url: string
  timeoutMs: number
  maxBytes: number
}

export interface ReadAsk {
  ask: 'read'
  keys: string[]
}

export interface ListAsk {
  ask: 'list'
  prefix: string
  cursor: string | null
  limit: number
}

export interface CommitAsk {
  ask: 'commit'
  batch: {
    key: string
    /** Base64url; `null` deletes. */
    value: string | null
    expect: 'absent' | 'any' | { version: number }
    expiresAt: number | null
  }[]
}

/** A verdict, a signature, or the JSON of any other answer. */
export type Answer = boolean | Uint8Array | ColdAnswer

export type ColdAnswer =
  | {
      answer: 'fetched'
      status: number
      cacheControl: string | null
      location: string | null
      /** Base64url. */
      body: string
    }
  | { answer: 'records'; records: (RecordJson | null)[] }
  | { answer: 'page'; records: RecordJson[]; next: string | null }
  | { answer: 'committed' }
  | { answer: 'conflict' }
  | FailedAnswer

export interface RecordJson {
  key: string
  /** Base64url. */
  value: string
  version: number
}

/** An ordinary answer: something outside is down. The engine fails closed. */
export interface FailedAnswer {
  answer: 'failed'
  failed: 'unreachable' | 'timedOut' | 'tooLarge' | 'unsupported' | 'broken'
}

export function failed(why: FailedAnswer['failed']): FailedAnswer {
  return { answer: 'failed', failed: why }
}
