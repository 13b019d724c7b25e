/** Two people changed one object: who changed what, and which change is kept. */
import { useState } from 'preact/hooks'

import type { Seen } from '../api.ts'
import { t } from '../texts/index.ts'
import { Dialog } from '../ui/dialog.tsx'
import { When } from '../ui/times.tsx'
import { ErrorNotice } from '../ui/words.tsx'
import { useAuthor } from './author.tsx'
import { described, labelOf } from './described.ts'

/** Thrown instead of undoing somebody else's change. Nothing was saved or deleted. */
export class Conflict<T> extends Error {
  readonly title = t().conflict.title

  constructor(
    readonly intent: 'save' | 'delete',
    readonly loaded: T,
    readonly now: Seen<T>,
  ) {
    super(t().conflict.about)
  }
}

/** What the server says of the record of a user. */
export const BY = 'urn:exchequer:params:scim:schemas:1.0:User'
const NOT_COMPARED = new Set(['meta', 'self', 'schemas', BY])

const member = (of: object, name: string) => (of as Record<string, unknown>)[name]

/** The members in which two objects differ. */
export function differences(one: object, other: object): string[] {
  const names = new Set([...Object.keys(one), ...Object.keys(other)])
  return [...names].filter((name) => !NOT_COMPARED.has(name) && JSON.stringify(member(one, name)) !== JSON.stringify(member(other, name)))
}

/** Who changed an object last, and when, in the form of the administration API or of SCIM. */
export function written(object: object): { by?: string | undefined; at?: number | undefined } {
  const meta = member(object, 'meta') as { lastModified?: number | string; modifiedBy?: string } | undefined
  const { modifiedBy } = (member(object, BY) as { modifiedBy?: string } | undefined) ?? meta ?? {}
  const at = meta?.lastModified
  return { by: modifiedBy, at: typeof at === 'string' ? Date.parse(at) / 1000 : at }
}

interface ConflictProps<T> {
  conflict: Conflict<T>
  /** What was typed, as members of the object. */
  mine: object
  /** Saves or deletes in spite of the other change. */
  onMine: () => Promise<unknown>
  onTheirs: () => void
  onClose: () => void
}

export function ConflictDialog<T extends object>({ conflict, mine, onMine, onTheirs, onClose }: ConflictProps<T>) {
  const { loaded, now, intent } = conflict
  const [error, setError] = useState<unknown>()
  const theirs = differences(loaded, now.object)
  const deletes = intent === 'delete'
  const words = t().conflict
  return (
    <Dialog title={conflict.title} onClose={onClose}>
      <Who object={now.object} seen={theirs.length > 0} />
      <dl class="differences">
        {theirs.map((name) => (
          <Difference key={name} name={name} was={loaded} now={now.object} mine={deletes ? {} : mine} />
        ))}
      </dl>
      <ErrorNotice error={error} />
      <div class="actions">
        <button type="button" class={deletes ? 'danger' : ''} onClick={() => void onMine().catch(setError)}>
          {deletes ? words.deleteAnyway : words.overwrite}
        </button>
        <button type="button" class="outline" onClick={onTheirs}>
          {deletes ? words.lookAtTheirs : words.takeTheirs}
        </button>
        <button type="button" class="outline secondary" autofocus onClick={onClose}>
          {words.back}
        </button>
      </div>
    </Dialog>
  )
}

function Who({ object, seen }: { object: object; seen: boolean }) {
  const { by, at } = written(object)
  const author = useAuthor(by ?? undefined)
  const words = t().conflict
  return (
    <p>
      <strong>{author ?? words.somebody}</strong> {seen ? words.changedThis : words.changedHidden}
      {at !== undefined && (
        <>
          , <When at={at} precision="second" />
        </>
      )}
      {words.whileOpen(seen)}
    </p>
  )
}

function Difference({ name, was, now, mine }: { name: string; was: object; now: object; mine: object }) {
  const words = t().conflict
  const values: [string, object][] = [[words.was, was], [words.isNow, now], ...(name in mine ? [[words.yours, mine] as [string, object]] : [])]
  return (
    <div>
      <dt>{labelOf(name)}</dt>
      {values.map(([word, object]) => (
        <dd key={word}>
          <span class="quiet">{word}</span> {described(member(object, name), name)}
        </dd>
      ))}
    </div>
  )
}
