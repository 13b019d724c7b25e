/** The button that reverts a change, and the question before. What somebody changed since is shown and not overwritten. */
import { useState } from 'preact/hooks'

import { change, see, type Seen } from '../api.ts'
import { keepDraft } from '../drafts.ts'
import type { StoredChange } from '../model.ts'
import { go, to } from '../route.ts'
import { may, rightOf } from '../session/rights.tsx'
import { t } from '../texts/index.ts'
import { Dialog } from '../ui/dialog.tsx'
import { useLoaded } from '../ui/loaded.ts'
import { clearToasts, toast } from '../ui/toasts.tsx'
import { ErrorNotice, LoadState, Notice } from '../ui/words.tsx'
import { described, labelOf } from './described.ts'
import { bodyOf, changedSince, type Revertible, revertible } from './revert.ts'

interface RevertProps {
  of: StoredChange
  name: string
  onDone: () => void
}

export function Revert({ of, name, onDone }: RevertProps) {
  const [open, setOpen] = useState(false)
  const words = t().changes
  const found = revertible(of)
  if (found === undefined || !may(rightOf(found.kind.place))) return null
  const begin = () => {
    if (found.action !== 'delete') return setOpen(true)
    // What was deleted gets a new id: somebody looks at the form first.
    keepDraft(found.kind.place, 'new', { form: found.kind.form(found.before) })
    go([found.kind.place, 'new'])
  }
  return (
    <p class="actions">
      <button type="button" class="small outline secondary" aria-label={found.action === 'delete' ? words.createAgainOf(name) : words.revertOf(name)} onClick={begin}>
        {found.action === 'delete' ? words.createAgain : words.revert}
      </button>
      {open && <Question of={found} name={name} onClose={() => setOpen(false)} onDone={onDone} />}
    </p>
  )
}

function Question({ of, name, onClose, onDone }: { of: Revertible; name: string; onClose: () => void; onDone: () => void }) {
  const words = t().changes
  const path = `${of.kind.list}/${of.id}`
  const loaded = useLoaded(() => see<object>(path), [])
  return (
    <Dialog title={of.action === 'create' ? words.deleteTitle(name) : words.revertTitle(name)} onClose={onClose}>
      <LoadState of={loaded} loading={words.comparing} />
      {loaded.data === undefined ? <Close label={t().cancel} onClose={onClose} /> : <Found of={of} now={loaded.data} path={path} onClose={onClose} onDone={onDone} onStale={loaded.reload} />}
    </Dialog>
  )
}

function Close({ label, onClose }: { label: string; onClose: () => void }) {
  return (
    <div class="actions">
      <button type="button" class="outline secondary" autofocus onClick={onClose}>
        {label}
      </button>
    </div>
  )
}

function Found({ of, now, path, onClose, onDone, onStale }: { of: Revertible; now: Seen<object>; path: string; onClose: () => void; onDone: () => void; onStale: () => void }) {
  const words = t().changes
  const [error, setError] = useState<unknown>()
  const [busy, setBusy] = useState(false)
  const others = changedSince(of, now.object)
  if (others.length > 0) {
    return (
      <>
        <Notice kind="bad" title={words.conflict}>
          <p>{words.conflictAbout}</p>
        </Notice>
        <Members of={of} members={others} now={now.object} />
        <p>
          <a href={to(of.kind.place, of.id)}>{words.open}</a>
        </p>
        <Close label={words.close} onClose={onClose} />
      </>
    )
  }
  const isDeletion = of.action === 'create'
  const act = async () => {
    setBusy(true)
    clearToasts()
    try {
      await (isDeletion ? change('DELETE', path, now) : change('PATCH', path, now, bodyOf(of, now.object)))
      toast(words.reverted)
      onDone()
      onClose()
    } catch (thrown) {
      setError(thrown)
      // Another version by now: what is different is shown.
      onStale()
    } finally {
      setBusy(false)
    }
  }
  return (
    <>
      <p>{isDeletion ? words.deleteAbout : words.revertAbout}</p>
      {!isDeletion && <Members of={of} members={of.members} now={now.object} />}
      <ErrorNotice error={error} />
      <div class="actions">
        <button type="button" class={isDeletion ? 'danger' : ''} disabled={busy} aria-busy={busy} onClick={() => void act()}>
          {isDeletion ? words.deleteConfirm : words.revertConfirm}
        </button>
        <button type="button" class="outline secondary" autofocus onClick={onClose}>
          {t().cancel}
        </button>
      </div>
    </>
  )
}

function Members({ of, members, now }: { of: Revertible; members: string[]; now: object }) {
  const words = t().changes
  const value = (object: object, name: string) => described((object as Record<string, unknown>)[name], name)
  return (
    <dl class="differences">
      {members.map((name) => (
        <div key={name}>
          <dt>{labelOf(name)}</dt>
          <dd>
            <span class="quiet">{words.isNow}</span> {value(now, name)}
          </dd>
          <dd>
            <span class="quiet">{words.becomes}</span> {value(of.before, name)}
          </dd>
        </div>
      ))}
    </dl>
  )
}
