/** The version of an object that was seen, what is saved of it, and conflicts with changes of others. */
import { useState } from 'preact/hooks'

import { change, Refused, see, type Seen } from '../api.ts'
import { Conflict, differences } from './conflict.tsx'

const hasStatus = (status: number, error: unknown) => error instanceof Refused && error.status === status

/** `keep` is what is kept of an answer. */
export function useEditing<T extends object>(pathOf: (object: T) => string, first: Seen<T> | undefined, keep = (object: T) => object) {
  const [seen, setSeen] = useState(first)
  const [conflict, setConflict] = useState<Conflict<T>>()
  /** The version that a change begins from; with `over`, the one that the conflict showed. */
  const base = (over: boolean) => (over && conflict !== undefined ? conflict.now : seen!)
  const settle = () => setConflict(undefined)
  const done = (now: Seen<T>) => (setSeen(now), settle(), now.object)
  const found = (intent: Conflict<T>['intent'], of: T, now: Seen<T>) => {
    const conflict = new Conflict(intent, of, now)
    setConflict(conflict)
    return conflict
  }

  /** Answers the object as it is saved. `changes` makes the body that turns an object into what was typed; `undefined`: there is nothing to change. */
  const save = async (changes: (object: T) => unknown, over = false) => {
    const from = base(over)
    const body = changes(from.object)
    if (body === undefined) return done(from)
    try {
      const { object, etag } = await change<T>('PATCH', pathOf(from.object), from, body)
      return done({ object: keep(object), etag })
    } catch (error) {
      if (!hasStatus(412, error)) throw error
      const now = await see<T>(pathOf(from.object))
      // The answer to the first attempt was lost: the object is already what was typed.
      if (changes(now.object) === undefined) return done(now)
      throw found('save', from.object, now)
    }
  }
  /** Whether the object is deleted; if not, the conflict says why. */
  const remove = async (over = false): Promise<boolean> => {
    const from = base(over)
    try {
      await change('DELETE', pathOf(from.object), from)
    } catch (error) {
      if (hasStatus(412, error)) {
        found('delete', from.object, await see<T>(pathOf(from.object)))
        return false
      }
      // 404: it was deleted already, maybe by an attempt whose answer was lost.
      if (!hasStatus(404, error)) throw error
    }
    settle()
    return true
  }
  return {
    loaded: seen?.object,
    seen,
    conflict,
    save,
    remove,
    /** Takes over the version after another kind of change. A change of somebody else stays a conflict. */
    update: async (object: T) => {
      const now = await see<T>(pathOf(object))
      if (differences(object, now.object).length === 0) setSeen(now)
    },
    settle,
  }
}

export const number = (value: number | undefined) => (value === undefined ? '' : String(value))

/** A number for the API; a text that is no number is sent as it is, so that the server says what is wrong. */
export const numeric = (text: string) => (/^\d+$/.test(text.trim()) ? Number(text) : text.trim())

/** A JSON value for the API; a text that is no JSON is sent as it is. */
export function json(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return text
  }
}
