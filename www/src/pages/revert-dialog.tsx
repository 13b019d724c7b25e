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
import { ErrorNotice, LoadState, Notice, Ticked } from '../ui/words.tsx'
import { type Credentials, credentialsIn } from './application/secret.tsx'
import { described, labelOf } from './described.ts'
import { bodyOf, changedSince, former, obstacle, type Revertible, revertible, secretOf } from './revert.ts'

/** Is told of a client secret that was made. */
type Done = (made?: Credentials) => void

interface RevertProps {
  of: StoredChange
  name: string
  onDone: Done
}

export function Revert({ of, name, onDone }: RevertProps) {
  const [open, setOpen] = useState(false)
  const words = t().changes
  const found = revertible(of)
  if (found === undefined) {
    return (
      <p class="quiet">
        <Ticked text={words.obstacles[obstacle(of)]} />
      </p>
    )
  }
  if (!may(rightOf(found.kind.place))) return null
  const begin = () => {
    const { form } = found.kind
    if (found.action !== 'delete' || form === undefined) return setOpen(true)
    // What was deleted gets a new id: somebody looks at the form first.
    keepDraft(found.kind.place, 'new', { form: form(found.before), former: former(found) })
    go([found.kind.place, 'new'])
  }
  return (
    <p class="actions">
      <button type="button" class="small outline secondary" aria-label={found.action === 'delete' ? words.createAgainOf(name) : words.revertOf(name)} onClick={begin}>
        {found.action === 'delete' ? words.createAgain : words.revert}
      </button>
      {open && (found.action === 'delete' ? <Again of={found} name={name} onClose={() => setOpen(false)} onDone={onDone} /> : <Question of={found} name={name} onClose={() => setOpen(false)} onDone={onDone} />)}
    </p>
  )
}

interface QuestionProps {
  of: Revertible
  name: string
  onClose: () => void
  onDone: Done
}

/** Creates what was deleted, where there is no form for it. */
function Again({ of, name, onClose, onDone }: QuestionProps) {
  const words = t().changes
  const act = async () => {
    await of.kind.again?.(of.before)
    toast(words.reverted)
    onDone()
    onClose()
  }
  return (
    <Dialog title={words.againTitle(name)} onClose={onClose}>
      <p>{words.againAbout}</p>
      <Answer confirm={words.againConfirm} act={act} onClose={onClose} />
    </Dialog>
  )
}

function Question({ of, name, onClose, onDone }: QuestionProps) {
  const words = t().changes
  const path = of.kind.path(of.id, of.action === 'create' ? of.after : of.before)
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

function Found({ of, now, path, onClose, onDone, onStale }: { of: Revertible; now: Seen<object>; path: string; onClose: () => void; onDone: Done; onStale: () => void }) {
  const words = t().changes
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
  const secret = isDeletion ? undefined : secretOf(of, now.object)
  const act = async () => {
    const answer = isDeletion ? await change<undefined>('DELETE', path, now) : await change<Partial<Credentials>>('PATCH', path, now, bodyOf(of, now.object))
    toast(words.reverted)
    onDone(credentialsIn(answer.object ?? {}))
    onClose()
  }
  return (
    <>
      <p>{isDeletion ? words.deleteAbout : words.revertAbout}</p>
      {!isDeletion && <Members of={of} members={of.members} now={now.object} />}
      {secret !== undefined && (
        <Notice kind="warn" title={words.secrets[secret].title}>
          <p>{words.secrets[secret].about}</p>
        </Notice>
      )}
      {/* Another version by now: what is different is shown. */}
      <Answer confirm={isDeletion ? words.deleteConfirm : words.revertConfirm} danger={isDeletion} act={act} onClose={onClose} onFailed={onStale} />
    </>
  )
}

interface AnswerProps {
  confirm: string
  danger?: boolean
  act: () => Promise<void>
  onClose: () => void
  onFailed?: () => void
}

/** The buttons of a question, and what went wrong. */
function Answer({ confirm, danger = false, act, onClose, onFailed }: AnswerProps) {
  const [error, setError] = useState<unknown>()
  const [busy, setBusy] = useState(false)
  const go = async () => {
    setBusy(true)
    clearToasts()
    try {
      await act()
    } catch (thrown) {
      setError(thrown)
      onFailed?.()
    } finally {
      setBusy(false)
    }
  }
  return (
    <>
      <ErrorNotice error={error} />
      <div class="actions">
        <button type="button" class={danger ? 'danger' : ''} disabled={busy} aria-busy={busy} onClick={() => void go()}>
          {confirm}
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
