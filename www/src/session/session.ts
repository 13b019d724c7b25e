/**
 * Who is signed in. The token that somebody got by signing in at an issuer is kept
 * for this tab, so that a reload does not end the session. A token that was typed
 * in is kept in memory only.
 */
import { signal } from '@preact/signals'

import { adminToken, expired, send, userToken } from '../api.ts'
import { decoded } from '../playground/jwt.ts'

interface Session {
  token: string
  isAdministrator: boolean
  /** What the issuer calls the person. */
  name: string | undefined
  /** Seconds since the epoch. */
  ends: number
  /** The application that got the token. */
  application: string
}

const KEY = 'exchequer.session'

/** The session of somebody who signed in at an issuer. */
export const session = signal<Session | undefined>(undefined)

function keep(text: string | undefined): void {
  try {
    if (text === undefined) sessionStorage.removeItem(KEY)
    else sessionStorage.setItem(KEY, text)
  } catch {
    // The browser keeps nothing: the session ends with a reload.
  }
}

export function begin(of: Session): void {
  session.value = of
  expired.value = false
  userToken.value = of.token
  adminToken.value = of.isAdministrator ? of.token : undefined
  keep(JSON.stringify(of))
}

/** Goes on with the session of this tab, if it has not ended. */
export function resume(): void {
  try {
    const kept = JSON.parse(sessionStorage.getItem(KEY) ?? 'null') as Session | null
    if (kept !== null && kept.ends > Date.now() / 1000) begin(kept)
    else keep(undefined)
  } catch {
    keep(undefined)
  }
}

/** The person that is signed in, as far as the token or the issuer says. */
export function person(): string | undefined {
  const token = userToken.value
  if (session.value?.name !== undefined || token === undefined) return session.value?.name
  const { payload = {} } = decoded(token)
  return [payload['username'], payload['email'], payload['sub']].find((one): one is string => typeof one === 'string' && one !== '')
}

/** Signs out. The token stops working, too, if the server can be reached. */
export function end(): void {
  const { value } = session
  if (value !== undefined) {
    send('POST', 'oauth2/revoke', new URLSearchParams({ token: value.token, client_id: value.application })).catch(() => undefined)
  }
  keep(undefined)
  session.value = undefined
  adminToken.value = undefined
  userToken.value = undefined
}
