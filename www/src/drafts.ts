/**
 * What was typed into a form and is not saved, kept for this tab so that a reload
 * does not lose it. It is gone when it is saved or discarded, and when somebody
 * signs out. Private keys are never kept.
 */
import type { Seen } from './api.ts'

/** A form, and the version of the object that it began from; a new object has none. */
export interface Draft<T, F> {
  form: F
  base?: Seen<T> | undefined
  /** The object that was deleted and is created again. */
  former?: T | undefined
}

const PREFIX = 'exchequer.draft '
/** A private key, or a member of a JWK that is secret. */
const PRIVATE = /PRIVATE KEY|"(?:d|k|p|q|dp|dq|qi)"\s*:/

const keyOf = (place: string, id: string) => `${PREFIX}${location.pathname} ${place}/${id}`

export function keepDraft<T, F>(place: string, id: string, draft: Draft<T, F> | undefined): void {
  try {
    if (draft === undefined) sessionStorage.removeItem(keyOf(place, id))
    else sessionStorage.setItem(keyOf(place, id), JSON.stringify(draft, (_, value: unknown) => (typeof value === 'string' && PRIVATE.test(value) ? '' : value)))
  } catch {
    // The browser keeps nothing. It still asks before the page is left.
  }
}

export function draftOf<T, F>(place: string, id: string): Draft<T, F> | undefined {
  try {
    return (JSON.parse(sessionStorage.getItem(keyOf(place, id)) ?? 'null') as Draft<T, F> | null) ?? undefined
  } catch {
    return undefined
  }
}

export function forgetDrafts(): void {
  try {
    for (const key of Object.keys(sessionStorage)) if (key.startsWith(PREFIX)) sessionStorage.removeItem(key)
  } catch {
    // Nothing was kept.
  }
}
