/** The page of one issuer, application or user: opened, added, changed, deleted. */
import type { ComponentChildren, ComponentType } from 'preact'
import { useEffect, useState } from 'preact/hooks'

import { call, Refused, see, type Seen } from '../api.ts'
import { go, route, to } from '../route.ts'
import { Danger } from '../ui/dialog.tsx'
import { Form } from '../ui/form.tsx'
import { useLoaded } from '../ui/loaded.ts'
import { Changed, ErrorNotice, Heading, Loading, Notice } from '../ui/words.tsx'
import { ConflictDialog, written } from './conflict.tsx'
import { useEditing } from './editing.ts'

interface Stored {
  id: string
  readOnly?: boolean
}

/** What the pages of issuers, applications and users do not share. */
export interface Kind<T extends Stored, F extends object> {
  noun: string
  /** The heading of the list. */
  list: string
  /** The list in addresses. */
  place: string
  /** The list in the API. */
  path: string
  /** The heading of the page that adds one. */
  add: string
  nameOf: (object: T) => string
  formOf: (object?: T) => F
  bodyOf: (form: F) => object
  /** The body of the `PATCH` that makes `base` what the form says; `undefined` when it is that already. */
  changes: (base: T, form: F) => unknown
  saved: string
  /** What deleting one means. */
  deletion: string
  /** Stands before the time of the last change. */
  about?: (object: T) => ComponentChildren
  /** The query with which the playground tries this object. */
  trial?: (object: T) => Record<string, string>
}

/** An object as it was opened; neither member is there for a new one. */
export interface Opened<T> {
  first?: Seen<T>
  reload?: () => void
}

/** Opens the object with this id, or a form for a new one. */
export function ObjectPage<T extends Stored, F extends object>(props: { kind: Kind<T, F>; id: string; editor: ComponentType<Opened<T>> }) {
  const { kind, id, editor: Editor } = props
  const { data, error, reload } = useLoaded(async () => (id === 'new' ? undefined : await see<T>(pathOf(kind, { id }))), [id])
  if (id === 'new') return <Editor />
  if (data !== undefined) return <Editor key={data.etag} first={data} reload={reload} />
  const isGone = error instanceof Refused && error.status === 404
  return (
    <>
      <Heading title={error === undefined ? 'One moment' : 'It cannot be shown'} back={backTo(kind)} />
      {error === undefined ? <Loading what={`the ${kind.noun}`} /> : <ErrorNotice error={error} {...(!isGone && { onRetry: reload })} />}
    </>
  )
}

const pathOf = (kind: { path: string }, { id }: { id: string }) => `${kind.path}/${encodeURIComponent(id)}`
const backTo = ({ place, list }: { place: string; list: string }) => ({ href: to(place), label: list })

interface Options<T, F> {
  /** Members of the form of a new object. */
  begin?: Partial<F>
  /** What is kept of an answer of the API. */
  keep?: (object: T) => T
  /** What happens after one was added; the default is to show it. */
  onAdded?: (object: T) => void
}

/** The form of an object, and what can be done with it. */
export function useEditor<T extends Stored, F extends object>(kind: Kind<T, F>, { first, reload }: Opened<T>, options: Options<T, F> = {}) {
  const [form, setForm] = useState(() => ({ ...kind.formOf(first?.object), ...(first === undefined && options.begin) }))
  const editing = useEditing<T>((object) => pathOf(kind, object), first, options.keep)
  const { loaded, save, remove, touched, settle } = editing
  useMarked()
  const show = ({ id }: T) => go(kind.place, id)
  return {
    ...editing,
    form,
    isNew: loaded === undefined,
    set: (change: Partial<F>) => (touched(), setForm({ ...form, ...change })),
    submit: async (over = false) => {
      if (loaded !== undefined) return save((base) => kind.changes(base, form), over)
      const added = await call<T>('POST', kind.path, kind.bodyOf(form))
      ;(options.onAdded ?? show)(added)
    },
    erase: async (over = false) => {
      if (await remove(over)) go(kind.place)
    },
    takeTheirs: () => (settle(), reload?.()),
  }
}

interface EditorProps<T extends Stored, F extends object> {
  kind: Kind<T, F>
  editor: ReturnType<typeof useEditor<T, F>>
  /** Buttons beside the one that deletes. */
  actions?: ComponentChildren
  /** Stands before the form of a new object. */
  before?: ComponentChildren
  /** The fields. */
  children: ComponentChildren
}

export function Editor<T extends Stored, F extends object>({ kind, editor, actions, before, children }: EditorProps<T, F>) {
  const { form, loaded, isNew, conflict, saved, submit, erase, takeTheirs, settle } = editor
  const readOnly = loaded?.readOnly ?? false
  return (
    <>
      {loaded === undefined ? <Heading title={kind.add} back={backTo(kind)} /> : <Head kind={kind} object={loaded} actions={actions} erase={() => erase()} />}
      <BackTo />
      {readOnly && (
        <Notice kind="info" title="Read-only">
          <p>This {kind.noun} is part of the configuration document. Change it there.</p>
        </Notice>
      )}
      {isNew && before}
      <Form submit={isNew ? `Create the ${kind.noun}` : 'Save'} onSubmit={() => submit()} disabled={readOnly} more={saved && <Notice kind="good">{kind.saved}</Notice>}>
        {children}
      </Form>
      {conflict !== undefined && (
        <ConflictDialog
          conflict={conflict}
          mine={kind.bodyOf(form)}
          onMine={() => (conflict.intent === 'delete' ? erase(true) : submit(true))}
          onTheirs={takeTheirs}
          onClose={settle}
        />
      )}
    </>
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
  const about = (
    <>
      {kind.about?.(object)}
      <Changed {...written(object)} />
    </>
  )
  return (
    <Heading title={kind.nameOf(object)} back={backTo(kind)} about={about}>
      {kind.trial !== undefined && (
        <a class="button outline" href={`${to('playground')}?${new URLSearchParams(kind.trial(object))}`}>
          Try it out
        </a>
      )}
      {!object.readOnly && (
        <>
          {actions}
          <Danger label="Delete" title={`Delete ${kind.nameOf(object)}?`} question={kind.deletion} confirm={`Delete the ${kind.noun}`} act={erase} />
        </>
      )}
    </Heading>
  )
}

const ORIGINS: Record<string, string> = {
  playground: 'Back to the playground, and try again',
  health: 'Back to the refusals',
}

/** The way back to the page that led here. */
function BackTo() {
  const origin = route.value.query.get('back') ?? ''
  const label = ORIGINS[origin]
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
