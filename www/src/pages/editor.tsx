/** The page of one issuer, application or user: opened, added, changed, deleted. */
import { signal } from '@preact/signals'
import type { ComponentChildren, ComponentType } from 'preact'
import { useEffect, useLayoutEffect, useState } from 'preact/hooks'

import { call, Refused, see, type Seen } from '../api.ts'
import { type Draft, draftOf, keepDraft } from '../drafts.ts'
import type { Problem } from '../model.ts'
import { go, link, route, to, unsaved } from '../route.ts'
import { may, NotAllowed, rightOf } from '../session/rights.tsx'
import { t } from '../texts/index.ts'
import { Contents, type Part } from '../ui/contents.tsx'
import { Danger } from '../ui/dialog.tsx'
import { Form } from '../ui/form.tsx'
import { useLoaded } from '../ui/loaded.ts'
import { clearToasts, toast } from '../ui/toasts.tsx'
import { ErrorNotice, Heading, Notice, OfServer, sentence } from '../ui/words.tsx'
import { again, Again } from './again.tsx'
import { Changed } from './author.tsx'
import { ConflictDialog, differences, written } from './conflict.tsx'
import { useEditing } from './editing.ts'
import { listHref } from './list.tsx'

interface Stored {
  id: string
  readOnly?: boolean
  overridden?: boolean
  problems?: Problem[]
}

/** What is said of issuers, applications or users. */
export interface Words {
  /** The heading of the list. */
  title: string
  loading: string
  addTitle: string
  create: string
  created: (name: string) => string
  saved: string
  deleteTitle: (name: string) => string
  /** What deleting one means. */
  deletion: string
  delete: string
  deleted: (name: string) => string
  readOnly: string
  /** Said of one in the place of which the configuration document has another. */
  overridden?: string
}

/** What the pages of issuers, applications and users do not share. */
export interface Kind<T extends Stored, F extends object> {
  words: () => Words
  /** The list in addresses. */
  place: string
  /** The list in the API. */
  path: string
  nameOf: (object: T) => string
  formOf: (object?: T) => F
  /** What the form makes of `base`, or of nothing. */
  bodyOf: (form: F, base?: T) => object
  /** Complains about fields that are empty and must not be. */
  demands: (form: F) => void
  /** The body of the `PATCH` that makes `base` what the form says; `undefined` when it is that already. */
  changes: (base: T, form: F) => unknown
  /** Stands before the time of the last change. */
  about?: (object: T) => ComponentChildren
  /** What else a deletion changes. */
  consequences?: (object: T) => ComponentChildren
  /** The query with which the playground tries this object. */
  trial?: (object: T) => Record<string, string>
}

/** An object as it was opened; `first` is not there for a new one. */
export interface Opened<T> {
  id: string
  first?: Seen<T>
  /** What was typed before the page was loaded anew. */
  typed?: object
  /** A new object is this one, which was deleted. */
  former?: T
  reload?: () => void
}

/** Opens the object with this id, or a form for a new one; with what was typed, if the page was loaded anew. */
export function ObjectPage<T extends Stored, F extends object>(props: { kind: Kind<T, F>; id: string; editor: ComponentType<Opened<T>> }) {
  const { kind, id, editor: Editor } = props
  const { data, error, reload } = useLoaded(async () => (id === 'new' ? undefined : await see<T>(pathOf(kind, { id }))), [id])
  const [draft, setDraft] = useState(() => draftOf<T, F>(kind.place, id))
  const [round, setRound] = useState(0)
  const anew = () => (setDraft(undefined), setRound(round + 1), reload())
  // The version that the draft began from: a change of somebody else since then is a conflict.
  const first = id === 'new' ? undefined : (data && draft?.base) ?? data
  const opened = { id, reload: anew, ...(first !== undefined && { first }), ...(draft !== undefined && { typed: draft.form }), ...(draft?.former !== undefined && { former: draft.former }) }
  if (id === 'new' || first !== undefined) return <Editor key={`${round} ${first?.etag}`} {...opened} />
  const isGone = error instanceof Refused && error.status === 404
  const words = kind.words()
  return (
    <>
      <Heading title={error === undefined ? t().editor.loading : t().editor.notShown} back={backTo(kind)} />
      {error === undefined ? <p aria-busy="true">{words.loading}</p> : <ErrorNotice error={error} {...(!isGone && { onRetry: reload })} />}
    </>
  )
}

/** The members of the one that are different in the other, as they are there. */
const differing = <F extends object>(one: F, other: F) => Object.fromEntries(differences(one, other).map((name) => [name, other[name as keyof F]]))

const pathOf = (kind: { path: string }, { id }: { id: string }) => `${kind.path}/${encodeURIComponent(id)}`
const backTo = ({ place, words }: { place: string; words: () => Words }) => ({ href: listHref(place), label: words().title })

/** The id of the object that was created last: its page says what to do next. */
export const created = signal('')

/** What the form shows of an object, as the members that it makes of it. */
const shownOf = <T extends Stored, F extends object>({ formOf, bodyOf }: Kind<T, F>, object: T) => bodyOf(formOf(object), object)

interface Options<T, F> {
  /** Members of the form of a new object. */
  begin?: Partial<F>
  /** What is kept of an answer of the API. */
  keep?: (object: T) => T
  /** What happens after one was added; the default is to show it. */
  onAdded?: (object: T) => void
}

/** The form of an object, and what can be done with it. */
export function useEditor<T extends Stored, F extends object>(kind: Kind<T, F>, { id, first, typed, former, reload }: Opened<T>, options: Options<T, F> = {}) {
  const [clean, setClean] = useState(() => JSON.stringify({ ...kind.formOf(first?.object), ...(first === undefined && options.begin) }))
  const [form, setForm] = useState(() => ({ ...(JSON.parse(clean) as F), ...typed }))
  const editing = useEditing<T>((object) => pathOf(kind, object), first, options.keep)
  const { loaded, seen, save, remove, settle } = editing
  useMarked()
  useGuard(kind.place, id, JSON.stringify(form) !== clean, { form, base: seen, former })
  const show = (added: T) => {
    created.value = added.id
    go([kind.place, added.id])
  }
  const words = kind.words()
  return {
    ...editing,
    form,
    isNew: loaded === undefined,
    isRestored: typed !== undefined && former === undefined,
    former,
    set: (change: Partial<F>) => setForm((before) => ({ ...before, ...change })),
    submit: async (over = false) => {
      clearToasts()
      kind.demands(form)
      if (loaded !== undefined) {
        const now = kind.formOf(await save((base) => kind.changes(base, form), over))
        toast(words.saved)
        setClean(JSON.stringify(now))
        // What was typed while it was saved stays.
        return setForm((typed) => ({ ...now, ...differing(form, typed) }))
      }
      const added = await call<T>('POST', kind.path, former === undefined ? kind.bodyOf(form) : again(former, shownOf(kind, former), kind.bodyOf(form, former)))
      setClean(JSON.stringify(form))
      toast(words.created(kind.nameOf(added)))
      ;(options.onAdded ?? show)(added)
    },
    erase: async (over = false) => {
      clearToasts()
      if (!(await remove(over))) return
      toast(words.deleted(kind.nameOf(loaded!)))
      go([kind.place])
    },
    anew: () => (settle(), reload?.()),
  }
}

/** Keeps what was typed and is not saved: the page asks before it is left, and a reload brings it back. */
function useGuard<T, F>(place: string, id: string, isDirty: boolean, draft: Draft<T, F>): void {
  useLayoutEffect(() => {
    unsaved.value = isDirty
    keepDraft(place, id, isDirty ? draft : undefined)
  }, [isDirty, draft.form, draft.base])
  useLayoutEffect(
    () => () => {
      unsaved.value = false
      keepDraft(place, id, undefined)
    },
    [],
  )
}

interface EditorProps<T extends Stored, F extends object> {
  kind: Kind<T, F>
  editor: ReturnType<typeof useEditor<T, F>>
  /** Buttons beside the one that deletes. */
  actions?: ComponentChildren
  /** The parts of a long form. */
  sections?: Part[]
  /** Stands above the form. */
  before?: ComponentChildren
  /** Stands below the form. */
  after?: ComponentChildren
  /** The fields. */
  children: ComponentChildren
}

export function Editor<T extends Stored, F extends object>({ kind, editor, actions, sections = [], before, after, children }: EditorProps<T, F>) {
  const { form, loaded, isNew, isRestored, former, conflict, submit, erase, anew, settle } = editor
  const right = rightOf(kind.place)
  const isOfDocument = loaded?.readOnly ?? false
  const readOnly = isOfDocument || !may(right)
  const words = kind.words()
  return (
    <>
      {loaded === undefined ? <Heading title={words.addTitle} back={backTo(kind)} /> : <Head kind={kind} object={loaded} actions={actions} erase={() => erase()} />}
      <BackTo />
      {!isOfDocument && readOnly && <NotAllowed right={right} />}
      {isOfDocument && (
        <Notice kind="info" title={t().editor.readOnly}>
          <p>{words.readOnly}</p>
        </Notice>
      )}
      {loaded?.overridden === true && (
        <Notice kind="warn" title={t().editor.overridden}>
          <p>{words.overridden}</p>
        </Notice>
      )}
      <Troubles of={loaded?.problems ?? []} />
      {isRestored && unsaved.value && <Restored onDiscard={anew} />}
      {isNew && former !== undefined && <Again former={former} shown={shownOf(kind, former)} onDiscard={anew} />}
      {before}
      {sections.length > 0 && <Contents parts={sections} />}
      <Form long={sections.length > 0} submit={isNew ? words.create : t().editor.save} onSubmit={() => submit()} disabled={readOnly} more={unsaved.value && <span class="quiet">{t().editor.unsaved}</span>}>
        {children}
      </Form>
      {after}
      {conflict !== undefined && (
        <ConflictDialog
          conflict={conflict}
          mine={kind.bodyOf(form, conflict.now.object)}
          onMine={() => (conflict.intent === 'delete' ? erase(true) : submit(true))}
          onTheirs={anew}
          onClose={settle}
        />
      )}
    </>
  )
}

/** What keeps the object from working. */
function Troubles({ of }: { of: Problem[] }) {
  if (of.length === 0) return null
  return (
    <Notice kind="warn" title={t().editor.problems}>
      {of.map(({ path, problem, remedy }) => (
        <p key={`${path} ${problem}`}>
          <OfServer text={sentence(`\`${path}\` ${problem}; ${remedy}`)} />
        </p>
      ))}
    </Notice>
  )
}

/** What was typed before a reload is in the form again. */
function Restored({ onDiscard }: { onDiscard: () => void }) {
  return (
    <Notice kind="info" title={t().editor.restored}>
      <p>{t().editor.restoredAbout}</p>
      <p class="actions">
        <button type="button" class="small outline" onClick={onDiscard}>
          {t().editor.discard}
        </button>
      </p>
    </Notice>
  )
}

interface HeadProps<T extends Stored, F extends object> {
  kind: Kind<T, F>
  object: T
  actions: ComponentChildren
  erase: () => Promise<void>
}

/** The name of an object, and what can be done with it as a whole. */
function Head<T extends Stored, F extends object>({ kind, object, actions, erase }: HeadProps<T, F>) {
  const words = kind.words()
  const about = (
    <>
      {kind.about?.(object)}
      <div>
        <Changed {...written(object)} />
      </div>
    </>
  )
  const question = (
    <>
      <p>{words.deletion}</p>
      {kind.consequences?.(object)}
    </>
  )
  return (
    <Heading title={kind.nameOf(object)} back={backTo(kind)} about={about}>
      {kind.trial !== undefined && (
        <a class="button outline" href={link(['playground'], kind.trial(object))}>
          {t().editor.tryIt}
        </a>
      )}
      {!object.readOnly && may(rightOf(kind.place)) && (
        <>
          {actions}
          <Danger label={t().editor.delete} title={words.deleteTitle(kind.nameOf(object))} question={question} confirm={words.delete} act={erase} />
        </>
      )}
    </Heading>
  )
}

/** The way back to the page that led here. */
function BackTo() {
  const origin = route.value.query.get('back') ?? ''
  const label = t().editor.origins[origin as 'playground']
  if (label === undefined) return null
  return (
    <p>
      <a class="button outline" href={to(origin)}>
        {label}
      </a>
    </p>
  )
}

/** Shows and focuses the field that the address names. */
function useMarked(): void {
  const field = route.value.query.get('field')
  useEffect(() => {
    if (field === null) return
    const found = document.querySelector<HTMLElement>(`[data-field="${CSS.escape(field)}"]`)
    if (found === null) return
    const fold = found.closest('details')
    if (fold !== null) fold.open = true
    found.classList.add('marked')
    found.scrollIntoView({ block: 'center' })
    found.querySelector<HTMLElement>('input, select, textarea, button')?.focus({ preventScroll: true })
  }, [field])
}
