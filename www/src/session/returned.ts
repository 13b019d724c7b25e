/**
 * What an issuer brought back in the address, when somebody returns from signing
 * in there. `route.ts` imports it before it reads the address: the code goes out of it
 * at once, and the page that somebody came from is in it again.
 */

/** A sign-in under way, kept for this tab while the issuer is shown. */
export interface Pending {
  state: string
  nonce: string
  verifier: string
  /** The page that somebody came from. */
  hash: string
}

const KEY = 'exchequer.sign-in'

export function keepPending(pending: Pending): void {
  sessionStorage.setItem(KEY, JSON.stringify(pending))
}

function takePending(): Pending | undefined {
  try {
    const pending = JSON.parse(sessionStorage.getItem(KEY) ?? 'null') as Pending | null
    sessionStorage.removeItem(KEY)
    return pending ?? undefined
  } catch {
    return undefined
  }
}

export interface Returned {
  query: URLSearchParams
  /** Absent: this tab began no sign-in. */
  pending: Pending | undefined
}

function take(): Returned | undefined {
  const query = new URLSearchParams(location.search)
  if (!query.has('state') || !(query.has('code') || query.has('error'))) return undefined
  const pending = takePending()
  history.replaceState(null, '', location.pathname + (pending?.hash ?? ''))
  return { query, pending }
}

export const returned = take()
