/** A form, with what the server reports about its fields. */
import { type ComponentChildren, createContext } from 'preact'
import { useContext, useEffect, useRef, useState } from 'preact/hooks'

import type { Complaint } from '../api.ts'
import { ErrorNotice, Notice } from './words.tsx'

/** What is wrong with the form, field by field. */
const Complaints = createContext<Complaint[]>([])

const isAbout = (path: string, name: string) => path === name || path.startsWith(`${name}.`) || path.startsWith(`${name}[`)

/** What is wrong with a member, one line each. */
export function useComplaints(name: string | undefined): string[] {
  const all = useContext(Complaints)
  if (name === undefined) return []
  const within = (path: string) => path.slice(name.length).replace(/^\[(\d+)\]/, (_, index) => `item ${Number(index) + 1}`).replace(/^\./, '')
  return all.filter(({ path }) => isAbout(path, name)).map(({ path, text }) => (path === name ? text : `${within(path)}: ${text}`))
}

/** What is wrong with a group as a whole, or with one of its items. Problems of the members are shown at their fields. */
export function useGroupComplaints(name: string | undefined): string[] {
  const all = useContext(Complaints)
  if (name === undefined) return []
  return all.filter(({ path }) => path.startsWith(name) && /^(\[\d+\])?$/.test(path.slice(name.length))).map(({ text }) => text)
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
  const submit = async (event: Event) => {
    event.preventDefault()
    setBusy(true)
    setError(undefined)
    try {
      await send()
    } catch (thrown) {
      setError(thrown)
    } finally {
      setBusy(false)
    }
  }
  return { error, busy, submit }
}

/** A form that keeps what was typed when sending fails. */
export function Form(props: {
  onSubmit: () => Promise<unknown>
  submit: string
  children: ComponentChildren
  /** Beside the button. */
  more?: ComponentChildren
  disabled?: boolean | undefined
}) {
  const { error, busy, submit } = useSending(props.onSubmit)
  const form = useRef<HTMLFormElement>(null)
  const [wrong, setWrong] = useState<Marked[]>([])
  useEffect(() => {
    if (error === undefined) return setWrong([])
    const found = marked(form.current)
    setWrong(found)
    if (found[0] !== undefined) focus(found[0].field)
    else form.current?.querySelector<HTMLElement>('.notice.bad')?.focus()
  }, [error])
  const complaints = complaintsOf(error)
  return (
    <form ref={form} onSubmit={submit} noValidate aria-busy={busy ? 'true' : undefined}>
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
    <Notice kind="bad" title="Not accepted">
      <p>
        Look at{' '}
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
