/** An object that somebody edits: as the server has it, whether what was typed is saved, and what another made of it meanwhile. */
import { useState } from 'preact/hooks'

import { call } from '../api.ts'
import { Conflict, differences } from './conflict.tsx'

export function useEditing<T extends object>(pathOf: (object: T) => string, first: T | undefined) {
  const [loaded, setLoaded] = useState(first)
  const [conflict, setConflict] = useState<Conflict<T>>()
  const [saved, setSaved] = useState(false)

  /** Throws when the object is not as it was loaded. */
  const unchanged = async (object: T) => {
    const now = await call<T>('GET', pathOf(object))
    if (differences(object, now).length === 0) return
    const found = new Conflict(object, now)
    setConflict(found)
    throw found
  }
  /** `write` turns what it is given, which the server has, into what was typed. Over another's change only when told so. */
  const save = async (object: T, write: (base: T) => Promise<T>, over = false) => {
    if (!over) await unchanged(object)
    setLoaded(await write(over && conflict !== undefined ? conflict.now : object))
    setConflict(undefined)
    setSaved(true)
  }
  return {
    loaded,
    conflict,
    saved,
    save,
    seen: setLoaded,
    /** Something was typed since. */
    touched: () => setSaved(false),
    settle: () => setConflict(undefined),
  }
}

/** How long other servers go on with what they know. */
export const SAVED = 'Saved. Every server that shares the store knows within five seconds.'

export const number = (value: number | undefined) => (value === undefined ? '' : String(value))

/** A number as the server wants it; what is none, it says. */
export const numeric = (text: string) => (/^\d+$/.test(text.trim()) ? Number(text) : text.trim())
