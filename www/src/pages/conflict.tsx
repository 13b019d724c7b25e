/** Two people changed one object: who changed what, and whose word counts. */
import { useState } from 'preact/hooks'

import type { Meta } from '../model.ts'
import { Dialog } from '../ui/dialog.tsx'
import { ErrorNotice, When } from '../ui/words.tsx'
import { described, labelOf } from './described.ts'

/** Thrown by a save that would have written over somebody else's. */
export class Conflict<T> extends Error {
  constructor(
    readonly loaded: T,
    readonly now: T,
  ) {
    super('Somebody else changed this in the meantime. What you typed is still here.')
  }
}

const NOT_COMPARED = new Set(['meta', 'self'])

/** The members in which two objects differ. */
export function differences(one: object, other: object): string[] {
  const names = new Set([...Object.keys(one), ...Object.keys(other)])
  const value = (of: object, name: string) => JSON.stringify((of as Record<string, unknown>)[name])
  return [...names].filter((name) => !NOT_COMPARED.has(name) && value(one, name) !== value(other, name))
}

export function ConflictDialog<T extends { meta?: Meta }>(props: { conflict: Conflict<T>; mine: object; onMine: () => Promise<unknown>; onTheirs: () => void; onClose: () => void }) {
  const { loaded, now } = props.conflict
  const [error, setError] = useState<unknown>()
  const theirs = differences(loaded, now)
  const member = (of: object, name: string) => (of as Record<string, unknown>)[name]
  return (
    <Dialog title="Changed by somebody else" onClose={props.onClose}>
      <p>
        {now.meta === undefined ? (
          'Somebody changed'
        ) : (
          <>
            <strong>{now.meta.modifiedBy ?? 'Somebody'}</strong> changed, <When at={now.meta.lastModified} />,
          </>
        )}{' '}
        {theirs.length === 0 ? 'nothing that is shown here.' : 'while you had this open:'}
      </p>
      <dl class="differences">
        {theirs.map((name) => (
          <div key={name}>
            <dt>{labelOf(name)}</dt>
            <dd>
              <span class="quiet">was</span> {described(member(loaded, name), name)}
            </dd>
            <dd>
              <span class="quiet">is now</span> {described(member(now, name), name)}
            </dd>
            {name in props.mine && (
              <dd>
                <span class="quiet">yours</span> {described(member(props.mine, name), name)}
              </dd>
            )}
          </div>
        ))}
      </dl>
      <ErrorNotice error={error} />
      <div class="actions">
        <button type="button" onClick={() => void props.onMine().catch(setError)}>
          Save mine over it
        </button>
        <button type="button" class="outline" onClick={props.onTheirs}>
          Take theirs
        </button>
        <button type="button" class="outline secondary" onClick={props.onClose}>
          Back to the form
        </button>
      </div>
    </Dialog>
  )
}
