/** What administrators changed: who, what, when, before and after. The newest first. */
import { useState } from 'preact/hooks'

import { call, CHANGES, type PageLink, placeOf } from '../api.ts'
import type { StoredChange } from '../model.ts'
import { query, route, to } from '../route.ts'
import { t } from '../texts/index.ts'
import { Choice } from '../ui/fields.tsx'
import { Fold } from '../ui/groups.tsx'
import { useLoaded } from '../ui/loaded.ts'
import { When } from '../ui/times.tsx'
import { Badge, Empty, Heading, LoadState, Ticked } from '../ui/words.tsx'
import { type Credentials, Secret } from './application/secret.tsx'
import { By } from './author.tsx'
import { nameOf, States } from './changed.tsx'
import { Revert } from './revert-dialog.tsx'

/** How many are read at once. */
const LIMIT = '50'

/** Kinds of objects that have a page, by their name in the API: where they are. */
const PLACES: Record<string, string> = { 'trusted-token-issuer': 'issuers', application: 'applications', user: 'users' }

interface Page {
  changes: StoredChange[]
  links: PageLink[]
}

/** What is filtered by: the kind of object, and one object. */
type Filter = { resource: string; objectId: string }

async function read({ resource, objectId }: Filter, after: string | undefined): Promise<{ changes: StoredChange[]; next: string | undefined }> {
  const asked = Object.entries({ limit: LIMIT, resource, objectId, after: after ?? '' }).filter(([, value]) => value !== '')
  const { changes, links } = await call<Page>('GET', `${CHANGES}?${new URLSearchParams(asked)}`)
  return { changes, next: placeOf(links) }
}

export function Changes() {
  const words = t().changes
  const filter = { resource: route.value.query.get('resource') ?? '', objectId: route.value.query.get('object') ?? '' }
  return (
    <>
      <Heading title={words.title} about={words.about} />
      <div class="grid-2">
        <Choice
          label={words.kind}
          value={filter.resource}
          onInput={(resource) => query({ resource, object: undefined })}
          options={[{ value: '', label: words.allKinds }, ...Object.keys(words.kinds).map((value) => ({ value, label: words.kinds[value]! }))]}
        />
      </div>
      <Newest key={`${filter.resource} ${filter.objectId}`} filter={filter} />
    </>
  )
}

function Newest({ filter }: { filter: Filter }) {
  const words = t().changes
  const first = useLoaded(() => read(filter, undefined), [])
  const [older, setOlder] = useState<{ changes: StoredChange[]; next: string | undefined }>()
  const [error, setError] = useState<unknown>()
  /** Shown here: the change that was reverted may leave the list. */
  const [secret, setSecret] = useState<Credentials>()
  const next = older === undefined ? first.data?.next : older.next
  const more = async () => {
    try {
      const page = await read(filter, next)
      setOlder({ changes: [...(older?.changes ?? []), ...page.changes], next: page.next })
      setError(undefined)
    } catch (thrown) {
      setError(thrown)
    }
  }
  const anew = (made?: Credentials) => {
    setSecret(made)
    setOlder(undefined)
    first.reload()
  }
  const changes = [...(first.data?.changes ?? []), ...(older?.changes ?? [])]
  return (
    <>
      <LoadState of={first} loading={words.loading} />
      {first.data !== undefined && changes.length === 0 && (
        <Empty title={words.emptyTitle}>
          <p>{words.emptyAbout}</p>
        </Empty>
      )}
      <ul class="cards changes">
        {changes.map((one) => (
          <li key={one.id}>
            <One of={one} onReverted={anew} />
          </li>
        ))}
      </ul>
      <LoadState of={{ data: true, error, reload: () => void more() }} loading="" />
      {next !== undefined && (
        <button type="button" class="outline" onClick={() => void more()}>
          {words.older}
        </button>
      )}
      {secret !== undefined && <Secret {...secret} onDone={() => setSecret(undefined)} />}
    </>
  )
}

const KINDS = { create: 'good', update: 'plain', delete: 'bad' } as const

function One({ of, onReverted }: { of: StoredChange; onReverted: (made?: Credentials) => void }) {
  const { time, administrator, traceId, change } = of
  const words = t().changes
  const place = PLACES[change.resource]
  const name = nameOf(change.after ?? change.before) ?? (change.id === 'several' ? words.several : change.id)
  const exists = place !== undefined && change.action !== 'delete' && change.id !== 'several'
  return (
    <div>
      <p class="name">
        <Badge kind={KINDS[change.action as keyof typeof KINDS] ?? 'plain'}>{words.actions[change.action] ?? change.action}</Badge> {words.kinds[change.resource] ?? change.resource}{' '}
        {exists ? <a href={to(place, change.id)}>{name}</a> : name}
      </p>
      <p class="quiet">
        <When at={time} /> <By by={administrator} />
      </p>
      <Fold title={words.details}>
        <States of={change} />
        <p class="quiet">
          <Ticked text={t().errors.traceId(traceId)} />
        </p>
        <Revert of={of} name={name} onDone={onReverted} />
      </Fold>
    </div>
  )
}
