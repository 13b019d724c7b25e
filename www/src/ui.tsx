/** The pieces that pages are made of. Widgets are the browser's own; Pico dresses them. */
import { type ComponentChildren, createContext } from 'preact'
import { useContext, useEffect, useId, useRef, useState } from 'preact/hooks'

import { type Complaint, Refused } from './api.ts'

/** What the server has to say about the form that is shown. */
const Complaints = createContext<Complaint[]>([])

const isAbout = (path: string, name: string) => path === name || path.startsWith(`${name}.`) || path.startsWith(`${name}[`)

/** What is wrong with a member, one line each. */
function useComplaints(name: string | undefined): string[] {
  const all = useContext(Complaints)
  if (name === undefined) return []
  return all.filter(({ path }) => isAbout(path, name)).map(({ path, text }) => (path === name ? text : `${path.slice(name.length).replace(/^\./, '')}: ${text}`))
}

/** A form that keeps what was typed, whatever comes of sending it. */
export function Form(props: {
  onSubmit: () => Promise<unknown>
  submit: string
  children: ComponentChildren
  /** Beside the button. */
  more?: ComponentChildren
  disabled?: boolean | undefined
}) {
  const [error, setError] = useState<unknown>()
  const [busy, setBusy] = useState(false)
  const form = useRef<HTMLFormElement>(null)
  const submit = async (event: Event) => {
    event.preventDefault()
    setBusy(true)
    setError(undefined)
    try {
      await props.onSubmit()
    } catch (thrown) {
      setError(thrown)
    } finally {
      setBusy(false)
    }
  }
  useEffect(() => {
    if (error === undefined) return
    const first = form.current?.querySelector<HTMLElement>('[aria-invalid="true"], [data-wrong]') ?? form.current?.querySelector<HTMLElement>('.notice.bad')
    const fold = first?.closest('details')
    if (fold) fold.open = true
    first?.focus()
  }, [error])
  const complaints = error instanceof Refused ? error.complaints : []
  return (
    <form ref={form} onSubmit={submit} noValidate aria-busy={busy ? 'true' : undefined}>
      <Complaints.Provider value={complaints}>
        <fieldset class="bare" disabled={props.disabled}>
          {props.children}
        </fieldset>
        <ErrorNotice error={error} />
        {!props.disabled && (
          <div class="actions">
            <button type="submit" disabled={busy} aria-busy={busy}>
              {props.submit}
            </button>
            {props.more}
          </div>
        )}
      </Complaints.Provider>
    </form>
  )
}

export function ErrorNotice({ error }: { error: unknown }) {
  if (error === undefined || error === null) return null
  const message = error instanceof Error ? error.message : String(error)
  return (
    <Notice kind="bad" title={titleOf(error)}>
      {message.split('\n').map((line) => (
        <p key={line}>
          <Ticked text={line} />
        </p>
      ))}
      {error instanceof Refused && error.traceId !== undefined && (
        <p class="quiet">
          In the audit log as <code>{error.traceId}</code>
        </p>
      )}
    </Notice>
  )
}

function titleOf(error: unknown): string {
  if (!(error instanceof Refused)) return 'That did not work'
  if (error.status === 0) return 'No connection'
  if (error.status === 409) return 'In conflict with what is there'
  if (error.status === 401 || error.status === 403) return 'Not allowed'
  return error.status >= 500 ? 'The server could not do it' : 'Not accepted'
}

/** Text in which `backticks` mark code, as the engine writes it. */
export function Ticked({ text }: { text: string }) {
  return <>{text.split('`').map((part, index) => (index % 2 === 1 ? <code key={index}>{part}</code> : part))}</>
}

export function Notice(props: { kind: 'good' | 'bad' | 'warn' | 'info'; title?: string; children?: ComponentChildren }) {
  return (
    <div class={`notice ${props.kind}`} role={props.kind === 'bad' ? 'alert' : 'status'} tabIndex={-1}>
      {props.title !== undefined && <strong>{props.title}</strong>}
      {props.children}
    </div>
  )
}

interface FieldProps {
  label: string
  /** The member of the object that the server would complain about. */
  name?: string
  hint?: ComponentChildren
  value: string
  onInput: (value: string) => void
  required?: boolean
}

interface InputAttributes {
  type?: 'text' | 'url' | 'email' | 'tel' | 'password'
  placeholder?: string
  inputMode?: 'numeric'
  readOnly?: boolean
}

/** Label, control, hint and complaints, tied together for those who listen. */
function Labelled(props: { label: string; name?: string | undefined; hint?: ComponentChildren; required?: boolean | undefined; control: (ties: { id: string; 'aria-describedby'?: string; 'aria-invalid'?: 'true' }) => ComponentChildren }) {
  const id = useId()
  const wrong = useComplaints(props.name)
  const described = [props.hint !== undefined ? `${id}-hint` : '', wrong.length > 0 ? `${id}-wrong` : ''].filter(Boolean).join(' ')
  return (
    <div class="field" data-field={props.name}>
      <label for={id}>
        {props.label}
        {props.required && <span class="quiet"> required</span>}
      </label>
      {props.control({
        id,
        ...(described !== '' && { 'aria-describedby': described }),
        ...(wrong.length > 0 && { 'aria-invalid': 'true' as const }),
      })}
      {wrong.length > 0 && (
        <small id={`${id}-wrong`} class="wrong">
          {wrong.map((line) => (
            <span key={line}>
              <Ticked text={line} />
            </span>
          ))}
        </small>
      )}
      {props.hint !== undefined && (
        <small id={`${id}-hint`} class="hint">
          {props.hint}
        </small>
      )}
    </div>
  )
}

export function Text({ label, name, hint, value, onInput, required, ...rest }: FieldProps & InputAttributes) {
  return (
    <Labelled
      label={label}
      name={name}
      hint={hint}
      required={required}
      control={(ties) => (
        <input {...ties} autocomplete="off" spellcheck={false} aria-required={required ? 'true' : undefined} {...({ type: 'text', ...rest } as { type: 'text' })} value={value} onInput={(event) => onInput(event.currentTarget.value)} />
      )}
    />
  )
}

export function Area({ label, name, hint, value, onInput, required, rows = 6 }: FieldProps & { rows?: number }) {
  return (
    <Labelled
      label={label}
      name={name}
      hint={hint}
      required={required}
      control={(ties) => <textarea {...ties} class="mono" rows={rows} spellcheck={false} autocomplete="off" value={value} onInput={(event) => onInput(event.currentTarget.value)} />}
    />
  )
}

export function Choice({ label, name, hint, value, onInput, options }: FieldProps & { options: readonly { value: string; label: string }[] }) {
  return (
    <Labelled
      label={label}
      name={name}
      hint={hint}
      control={(ties) => (
        <select {...ties} value={value} onChange={(event) => onInput(event.currentTarget.value)}>
          {options.map((option) => (
            <option key={option.value} value={option.value} selected={option.value === value}>
              {option.label}
            </option>
          ))}
        </select>
      )}
    />
  )
}

export function Tick({ label, hint, checked, onChange, toggle = false, name }: { label: ComponentChildren; hint?: ComponentChildren; checked: boolean; onChange: (checked: boolean) => void; toggle?: boolean; name?: string }) {
  const id = useId()
  const wrong = useComplaints(name)
  return (
    <div class="tick" data-field={name}>
      <label for={id}>
        <input id={id} type="checkbox" role={toggle ? 'switch' : undefined} checked={checked} aria-invalid={wrong.length > 0 ? 'true' : undefined} aria-describedby={hint !== undefined ? `${id}-hint` : undefined} onChange={(event) => onChange(event.currentTarget.checked)} />
        {label}
      </label>
      {wrong.map((line) => (
        <small class="wrong" key={line}>
          <Ticked text={line} />
        </small>
      ))}
      {hint !== undefined && (
        <small id={`${id}-hint`} class="hint">
          {hint}
        </small>
      )}
    </div>
  )
}

/** Several short texts, one a line. */
export const lines = (text: string) =>
  text
    .split(/[\n,]/)
    .map((line) => line.trim())
    .filter((line) => line !== '')

/** A group of fields, with what the server says about the group as a whole. */
export function Group(props: { title: string; hint?: ComponentChildren; name?: string; children: ComponentChildren }) {
  const all = useContext(Complaints)
  // What is about a member within has its place there.
  const wrong = props.name === undefined ? [] : all.filter(({ path }) => path.startsWith(props.name!) && /^(\[\d+\])?$/.test(path.slice(props.name!.length))).map(({ text }) => text)
  return (
    <fieldset class="group" data-field={props.name} data-wrong={wrong.length > 0 ? '' : undefined} tabIndex={wrong.length > 0 ? -1 : undefined}>
      <legend>{props.title}</legend>
      {props.hint !== undefined && <p class="hint">{props.hint}</p>}
      {wrong.map((line) => (
        <p class="wrong" key={line}>
          <Ticked text={line} />
        </p>
      ))}
      {props.children}
    </fieldset>
  )
}

export function Fold(props: { title: string; open?: boolean; children: ComponentChildren }) {
  return (
    <details class="fold" open={props.open}>
      <summary>{props.title}</summary>
      <div>{props.children}</div>
    </details>
  )
}

export function Copy({ text, label = 'Copy' }: { text: string; label?: string }) {
  const [done, setDone] = useState(false)
  const copy = async () => {
    await navigator.clipboard.writeText(text)
    setDone(true)
    setTimeout(() => setDone(false), 2000)
  }
  return (
    <button type="button" class="small outline secondary copy" onClick={() => void copy()}>
      <span aria-live="polite">{done ? 'Copied' : label}</span>
    </button>
  )
}

export function Code({ text, label }: { text: string; label: string }) {
  return (
    <div class="code">
      <Copy text={text} />
      <pre tabIndex={0} role="region" aria-label={label}>
        <code>{text}</code>
      </pre>
    </div>
  )
}

export function Badge({ kind, children }: { kind: 'good' | 'bad' | 'warn' | 'plain'; children: ComponentChildren }) {
  return <span class={`badge ${kind}`}>{children}</span>
}

/** A dialog that closes with Escape and gives the focus back, as the browser's own does. */
export function Dialog(props: { title: string; onClose?: (() => void) | undefined; children: ComponentChildren }) {
  const dialog = useRef<HTMLDialogElement>(null)
  const id = useId()
  useEffect(() => {
    dialog.current?.showModal()
  }, [])
  return (
    <dialog
      ref={dialog}
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault()
        props.onClose?.()
      }}
    >
      <article>
        <header>
          <h2 id={id}>{props.title}</h2>
        </header>
        {props.children}
      </article>
    </dialog>
  )
}

/** A button that asks before it does what cannot be undone. */
export function Danger(props: { label: string; title: string; question: ComponentChildren; confirm: string; act: () => Promise<unknown>; small?: boolean; describe?: string }) {
  const [open, setOpen] = useState(false)
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<unknown>()
  const act = async () => {
    setBusy(true)
    setError(undefined)
    try {
      await props.act()
      setOpen(false)
    } catch (thrown) {
      setError(thrown)
    } finally {
      setBusy(false)
    }
  }
  return (
    <>
      <button type="button" class={`danger outline${props.small ? ' small' : ''}`} aria-label={props.describe} onClick={() => setOpen(true)}>
        {props.label}
      </button>
      {open && (
        <Dialog title={props.title} onClose={() => setOpen(false)}>
          <p>{props.question}</p>
          <ErrorNotice error={error} />
          <div class="actions">
            <button type="button" class="danger" aria-busy={busy} onClick={() => void act()}>
              {props.confirm}
            </button>
            <button type="button" class="outline secondary" onClick={() => setOpen(false)}>
              Keep it
            </button>
          </div>
        </Dialog>
      )}
    </>
  )
}

/** What is loaded, and loaded anew when `key` changes or when it is asked for. */
export function useLoaded<T>(load: () => Promise<T>, key: unknown[]): { data?: T; error?: unknown; reload: () => void } {
  const [state, setState] = useState<{ data?: T; error?: unknown }>({})
  const [round, setRound] = useState(0)
  useEffect(() => {
    let current = true
    load().then(
      (data) => current && setState({ data }),
      (error) => current && setState((before) => ({ ...before, error })),
    )
    return () => {
      current = false
    }
  }, [...key, round])
  return { ...state, reload: () => setRound((before) => before + 1) }
}

export function Loading({ what }: { what: string }) {
  return <p aria-busy="true">Loading {what}…</p>
}

export function Empty(props: { title: string; children: ComponentChildren }) {
  return (
    <div class="empty">
      <h2>{props.title}</h2>
      {props.children}
    </div>
  )
}

export function Heading(props: { title: string; about?: ComponentChildren; children?: ComponentChildren; back?: { href: string; label: string } }) {
  useEffect(() => {
    document.title = `${props.title} · Exchequer`
  }, [props.title])
  return (
    <header class="heading">
      {props.back !== undefined && (
        <a class="back" href={props.back.href}>
          <span aria-hidden="true">←</span> {props.back.label}
        </a>
      )}
      <div class="row">
        <h1 tabIndex={-1}>{props.title}</h1>
        <div class="actions">{props.children}</div>
      </div>
      {props.about !== undefined && <p class="quiet">{props.about}</p>}
    </header>
  )
}

const clock = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' })

/** A time in seconds since the epoch. */
export function When({ at }: { at: number }) {
  const date = new Date(at * 1000)
  return <time dateTime={date.toISOString()}>{clock.format(date)}</time>
}

/** A list of objects that the user adds to. */
export function Rows<T>(props: { items: T[]; add: string; blank: T; onChange: (items: T[]) => void; row: (item: T, set: (item: T) => void, index: number) => ComponentChildren; remove: (item: T, index: number) => string }) {
  const { items, onChange } = props
  const set = (index: number) => (item: T) => onChange(items.map((old, at) => (at === index ? item : old)))
  return (
    <div class="rows">
      {items.map((item, index) => (
        <div class="item" key={index}>
          {props.row(item, set(index), index)}
          <button type="button" class="small outline secondary" aria-label={props.remove(item, index)} onClick={() => onChange(items.filter((_, at) => at !== index))}>
            Remove
          </button>
        </div>
      ))}
      <button type="button" class="small outline" onClick={() => onChange([...items, props.blank])}>
        {props.add}
      </button>
    </div>
  )
}
