/**
 * Why a document could not be fetched, from what a runtime's `fetch` throws. No
 * standard says what that is: the codes are those of Node and Bun, the words those
 * of Deno. workerd says only that it did not connect.
 */
import type { FailedAnswer } from './step.js'

type Cause = Extract<FailedAnswer['failed'], 'unreachable' | 'unresolved' | 'untrusted' | 'proxy'>

/** What the error of a proxy has as its `code`. */
export const PROXY = 'ERR_PROXY'

const BY_CODE: readonly [RegExp, Cause][] = [
  [/^ERR_PROXY$/, 'proxy'],
  [/^(ENOTFOUND|EAI_\w+|ENODATA|ESERVFAIL|ENONAME|EBADNAME|ECANCELLED|DNSException|DNS_\w+)$/, 'unresolved'],
  [/^(CERT_\w+|\w*SELF_SIGNED\w*|UNABLE_TO_\w+|HOSTNAME_MISMATCH|INVALID_CA|PATH_LENGTH_EXCEEDED|ERR_TLS_CERT_\w+)$/, 'untrusted'],
]

const BY_WORDS: readonly [RegExp, Cause][] = [
  [/dns error|failed to lookup address/i, 'unresolved'],
  [/certificate/i, 'untrusted'],
]

/** A connection that was there, and ended before the answer. */
const LOST_BY_CODE = /^(ECONNRESET|EPIPE|UND_ERR_SOCKET)$/

/** workerd says so of every connection, whether it was ever there or not. */
const LOST_BY_WORDS = /^Network connection lost\.$/

/** How deep causes are followed; none here is as deep. */
const MOST = 8

/** Why this was thrown; `unreachable` when it does not say. */
export function causeOf(error: unknown): Cause {
  const seen = causes(error)
  return found(seen, BY_CODE, 'code') ?? found(seen, BY_WORDS, 'message') ?? 'unreachable'
}

/** Whether this was thrown because the connection was lost. */
export function isLost(error: unknown): boolean {
  return causes(error).some(({ code, message }) => LOST_BY_CODE.test(String(code)) || LOST_BY_WORDS.test(String(message)))
}

function found(seen: readonly Thrown[], table: readonly [RegExp, Cause][], member: 'code' | 'message'): Cause | undefined {
  for (const one of seen) {
    const value = one[member]
    const row = typeof value === 'string' ? table.find(([pattern]) => pattern.test(value)) : undefined
    if (row !== undefined) return row[1]
  }
  return undefined
}

interface Thrown {
  code?: unknown
  message?: unknown
  cause?: unknown
  errors?: unknown
}

/** The error, what caused it, and the errors that it gathers. */
function causes(error: unknown): Thrown[] {
  const all: Thrown[] = []
  const waiting: unknown[] = [error]
  while (waiting.length > 0 && all.length < MOST) {
    const next = waiting.shift()
    if (typeof next !== 'object' || next === null) continue
    const thrown = next as Thrown
    all.push(thrown)
    waiting.push(thrown.cause, ...(Array.isArray(thrown.errors) ? thrown.errors : []))
  }
  return all
}
