/** A form, with what is wrong with its fields: found here before it is sent, or by the server. */
import { type ComponentChildren, createContext } from 'preact'
import { useContext, useEffect, useRef, useState } from 'preact/hooks'

import type { Complaint } from '../api.ts'
import { t } from '../texts/index.ts'
import { ErrorNotice, Notice } from './words.tsx'

/** What is wrong with the form, field by field. */
const Complaints = createContext<Complaint[]>([])

const isAbout = (path: string, name: string) => path === name || path.startsWith(`${name}.`) || path.startsWith(`${name}[`)

/** What is wrong with a member, one line each. */
export function useComplaints(name: string | undefined): string[] {
  const all = useContext(Complaints)
  if (name === undefined) return []
  const within = (path: string) => path.slice(name.length).replace(/^\[(\d+)\]/, (_, index) => t().form.item(Number(index) + 1)).replace(/^\./, '')
  return all.filter(({ path }) => isAbout(path, name)).map(({ path, text }) => (path === name ? text : `${within(path)}: ${text}`))
}

/** What is wrong with a group as a whole, or with one of its items. Problems of the members are shown at their fields. */
export function useGroupComplaints(name: string | undefined): string[] {
  const all = useContext(Complaints)
  if (name === undefined) return []
  return all.filter(({ path }) => path.startsWith(name) && /^(\[\d+\])?$/.test(path.slice(name.length))).map(({ text }) => text)
}

/** Fields that have to be filled in before anything is sent. */
export class Incomplete extends Error {
  constructor(readonly complaints: Complaint[]) {
    super(complaints.map(({ text }) => text).join('\n'))
  }
}

/** Complains about those that are empty. */
export function demand(fields: { path: string; value: string; text: string }[]): void {
  const complaints = fields.filter(({ value }) => value.trim() === '').map(({ path, text }) => ({ path, text }))
  if (complaints.length > 0) throw new Incomplete(complaints)
}

/** Errors of the server and of pages may name the fields that they are about. */
export function complaintsOf(error: unknown): Complaint[] {
  return error instanceof Error && 'complaints' in error ? (error.complaints as Complaint[]) : []
}

/** A field that is wrong, and its label. */
interface Marked {
  field: HTMLElement
  label: string
}

/** The fields with a problem. */
function marked(form: HTMLFormElement | null): Marked[] {
  const fields = [...(form?.querySelectorAll<HTMLElement>('[data-field]:has(> .wrong)') ?? [])]
  const label = (field: HTMLElement) => (field.querySelector('label > span:not(.quiet), label, legend')?.firstChild?.textContent ?? '').trim()
  return fields.map((field) => ({ field, label: label(field) }))
}

/** Shows a field and focuses its control. */
function focus(field: HTMLElement): void {
  const fold = field.closest('details')
  if (fold) fold.open = true
  const control = field.matches('[data-wrong]') ? field : field.querySelector<HTMLElement>('input, select, textarea')
  control?.focus()
}

/** Sends the form once at a time, and keeps the error. */
function useSending(send: () => Promise<unknown>) {
  const [error, setError] = useState<unknown>()
  const [busy, setBusy] = useState(false)
  /** What is wrong and has not been touched since. */
  const [complaints, setComplaints] = useState<Complaint[]>([])
  const fail = (error: unknown) => (setError(error), setComplaints(complaintsOf(error)))
  const submit = async (event: Event) => {
    event.preventDefault()
    setBusy(true)
    fail(undefined)
    try {
      await send()
    } catch (thrown) {
      fail(thrown)
    } finally {
      setBusy(false)
    }
  }
  /** Somebody is mending this field: what was wrong with it, or with a group that it is in, is not known any more. */
  const mend = (target: EventTarget | null) => {
    if (complaints.length === 0) return
    const own = (target as Element | null)?.closest<HTMLElement>('[data-field]')
    const names: string[] = []
    for (let field = own; field; field = field.parentElement?.closest<HTMLElement>('[data-field]')) names.push(field.dataset['field'] ?? '')
    const [name = '', ...groups] = names
    const left = complaints.filter(({ path }) => name === '' || !(isAbout(path, name) || groups.includes(path)))
    setComplaints(left)
    if (left.length === 0) setError(undefined)
  }
  return { error, busy, submit, complaints, mend }
}

/** A form that keeps what was typed when sending fails. */
export function Form(props: {
  onSubmit: () => Promise<unknown>
  submit: string
  children: ComponentChildren
  /** Beside the button. */
  more?: ComponentChildren
  disabled?: boolean | undefined
  /** The button stays in sight. */
  long?: boolean
}) {
  const { error, busy, submit, complaints, mend } = useSending(props.onSubmit)
  const form = useRef<HTMLFormElement>(null)
  const [wrong, setWrong] = useState<Marked[]>([])
  useEffect(() => {
    if (error === undefined) return setWrong([])
    const found = marked(form.current)
    setWrong(found)
    if (found[0] !== undefined) focus(found[0].field)
    else form.current?.querySelector<HTMLElement>('.notice.bad')?.focus()
  }, [error])
  useEffect(() => setWrong(marked(form.current)), [complaints.length])
  const mended = (event: Event) => {
    // Of a box that is ticked the page hears twice. Drawn between the two events, the
    // box would have its old state when its own handler looks at it.
    const isTick = event.target instanceof HTMLInputElement && ['checkbox', 'radio'].includes(event.target.type)
    if (event.type === 'change' || !isTick) mend(event.target)
  }
  return (
    <form ref={form} class={props.long ? 'long' : undefined} onSubmit={submit} onInput={mended} onChange={mended} noValidate aria-busy={busy ? 'true' : undefined}>
      <Complaints.Provider value={complaints}>
        <fieldset class="bare" disabled={props.disabled}>
          {props.children}
        </fieldset>
        {wrong.length > 0 && wrong.length >= complaints.length ? <LookAt wrong={wrong} /> : <ErrorNotice error={error} />}
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

/** Names the fields with a problem, because they may be out of sight. */
function LookAt({ wrong }: { wrong: Marked[] }) {
  return (
    <Notice kind="bad" title={t().errors.notAccepted}>
      <p>
        {t().form.lookAt}{' '}
        {wrong.map(({ field, label }, index) => (
          <>
            {index > 0 && ', '}
            <button type="button" class="link" onClick={() => focus(field)}>
              {label}
            </button>
          </>
        ))}
        .
      </p>
    </Notice>
  )
}
