/** An object that somebody edits: the version they have seen, whether what they typed is saved, and what another made of it meanwhile. */
import { useState } from 'preact/hooks'

import { change, Refused, see, type Seen } from '../api.ts'
import { Conflict, differences } from './conflict.tsx'

const answers = (status: number, error: unknown) => error instanceof Refused && error.status === status

/** `keep` is what is kept of an answer. */
export function useEditing<T extends object>(pathOf: (object: T) => string, first: Seen<T> | undefined, keep = (object: T) => object) {
  const [seen, setSeen] = useState(first)
  const [conflict, setConflict] = useState<Conflict<T>>()
  const [saved, setSaved] = useState(false)
  /** The version that was seen; `over` another's, the one that was shown in the conflict. */
  const base = (over: boolean) => (over && conflict !== undefined ? conflict.now : seen!)
  const settle = () => setConflict(undefined)
  const done = (now: Seen<T>) => (setSeen(now), settle(), setSaved(true))
  const found = (intent: Conflict<T>['intent'], of: T, now: Seen<T>) => {
    const conflict = new Conflict(intent, of, now)
    setConflict(conflict)
    return conflict
  }

  /** `changes` turn the object that they are given into what was typed; `undefined`: there are none. */
  const save = async (changes: (object: T) => unknown, over = false) => {
    const from = base(over)
    const body = changes(from.object)
    if (body === undefined) return done(from)
    try {
      const { object, etag } = await change<T>('PATCH', pathOf(from.object), from, body)
      done({ object: keep(object), etag })
    } catch (error) {
      if (!answers(412, error)) throw error
      const now = await see<T>(pathOf(from.object))
      // It is what was typed: one's own, whose answer was lost.
      if (changes(now.object) === undefined) return done(now)
      throw found('save', from.object, now)
    }
  }
  /** Whether it is gone; if not, the conflict says why. */
  const remove = async (over = false): Promise<boolean> => {
    const from = base(over)
    try {
      await change('DELETE', pathOf(from.object), from)
    } catch (error) {
      if (answers(412, error)) {
        found('delete', from.object, await see<T>(pathOf(from.object)))
        return false
      }
      // Somebody was faster, or it was oneself and the answer was lost.
      if (!answers(404, error)) throw error
    }
    settle()
    return true
  }
  return {
    loaded: seen?.object,
    conflict,
    saved,
    save,
    remove,
    /** One changed it in another way. What somebody else did meanwhile is not seen by that, and remains a conflict. */
    update: async (object: T) => {
      const now = await see<T>(pathOf(object))
      if (differences(object, now.object).length === 0) setSeen(now)
    },
    /** Something was typed since. */
    touched: () => setSaved(false),
    settle,
  }
}

/** How long other servers go on with what they know. */
export const SAVED = 'Saved. Every server that shares the store knows within five seconds.'

export const number = (value: number | undefined) => (value === undefined ? '' : String(value))

/** A number as the server wants it; what is none, it says. */
export const numeric = (text: string) => (/^\d+$/.test(text.trim()) ? Number(text) : text.trim())
