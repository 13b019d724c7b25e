/**
 * What crosses between the engine and its host: the TypeScript side of
 * `src/step`. Cold asks and answers have exactly the members of their JSON;
 * asks about keys, and writes, never become JSON.
 */

/** Something the engine needs, but for signatures and writes. */
export type ColdAsk = FetchAsk | SubmitAsk | ReadAsk | ListAsk

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

/** Whether a signature is good or a batch was written, a signature, or the JSON of any other answer. */
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

/** What a provider of somebody else resolves to may have no JSON: then it is nothing, which is no answer either. */
export function jsonOf(answer: unknown): string {
  try {
    return JSON.stringify(answer) ?? ''
  } catch {
    return ''
  }
}
