/**
 * What crosses between the engine and its host: the TypeScript side of
 * `src/step`. Cold asks and answers have exactly the members of their JSON;
 * asks about keys never become JSON.
 */

/** Something the engine needs, but for signatures. */
export type ColdAsk = FetchAsk | SubmitAsk | ReadAsk | ListAsk | CommitAsk

export interface FetchAsk {
  ask: 'fetch'
  url: string
  timeoutMs: number
  maxBytes: number
  /** The header field to send, for the trace that the request belongs to. */
  traceparent?: string | undefined
}

export interface SubmitAsk {
  ask: 'submit'
  url: string
  /** `application/x-www-form-urlencoded`; it holds a secret. */
  body: string
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
  failed: 'unreachable' | 'unresolved' | 'untrusted' | 'proxy' | 'timedOut' | 'tooLarge' | 'unsupported' | 'broken'
}

export function failed(why: FailedAnswer['failed']): FailedAnswer {
  return { answer: 'failed', failed: why }
}
