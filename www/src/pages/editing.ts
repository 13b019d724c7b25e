/** An object that somebody edits: the version they have seen, whether what they typed is saved, and what another made of it meanwhile. */
import { useState } from 'preact/hooks'

import { change, Refused, see, type Seen } from '../api.ts'
import { Conflict } from './conflict.tsx'

const isOvertaken = (error: unknown) => error instanceof Refused && error.status === 412

export function useEditing<T extends object>(pathOf: (object: T) => string, first: Seen<T> | undefined) {
  const [seen, setSeen] = useState(first)
  const [conflict, setConflict] = useState<Conflict<T>>()
  const [saved, setSaved] = useState(false)

  /** Does something to the version that was seen; `over` another's, to the one that was shown in the conflict. */
  const attempt = async <R>(intent: Conflict<T>['intent'], over: boolean, what: (base: Seen<T>) => Promise<R>): Promise<R> => {
    const base = over && conflict !== undefined ? conflict.now : seen!
    try {
      const done = await what(base)
      setConflict(undefined)
      return done
    } catch (error) {
      if (!isOvertaken(error)) throw error
      const found = new Conflict(intent, base.object, await see<T>(pathOf(base.object)))
      setConflict(found)
      throw found
    }
  }
  /** `write` turns what it is given, which the server has, into what was typed. */
  const save = async (write: (base: Seen<T>) => Promise<Seen<T>>, over = false) => {
    setSeen(await attempt('save', over, write))
    setSaved(true)
  }
  /** Whether it is gone; if not, the conflict says why. */
  const remove = async (over = false): Promise<boolean> => {
    try {
      await attempt('delete', over, (base) => change('DELETE', pathOf(base.object), base))
      return true
    } catch (error) {
      if (error instanceof Conflict) return false
      throw error
    }
  }
  return {
    loaded: seen?.object,
    conflict,
    saved,
    save,
    remove,
    /** Somebody, perhaps oneself, changed it in another way. */
    update: async (object: T) => setSeen(await see<T>(pathOf(object))),
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
