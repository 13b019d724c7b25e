/** A form, and what the server has to say about its fields. */
import { type ComponentChildren, createContext } from 'preact'
import { useContext, useEffect, useRef, useState } from 'preact/hooks'

import { type Complaint, Refused } from '../api.ts'
import { ErrorNotice } from './words.tsx'

/** What the server has to say about the form that is shown. */
const Complaints = createContext<Complaint[]>([])

const isAbout = (path: string, name: string) => path === name || path.startsWith(`${name}.`) || path.startsWith(`${name}[`)

/** What is wrong with a member, one line each. */
export function useComplaints(name: string | undefined): string[] {
  const all = useContext(Complaints)
  if (name === undefined) return []
  const within = (path: string) => path.slice(name.length).replace(/^\./, '')
  return all.filter(({ path }) => isAbout(path, name)).map(({ path, text }) => (path === name ? text : `${within(path)}: ${text}`))
}

/** What is wrong with a group as a whole, or with one of its items; what is about a member within has its place there. */
export function useGroupComplaints(name: string | undefined): string[] {
  const all = useContext(Complaints)
  if (name === undefined) return []
  return all.filter(({ path }) => path.startsWith(name) && /^(\[\d+\])?$/.test(path.slice(name.length))).map(({ text }) => text)
}

/** Shows the field that is wrong to whoever is at the form. */
function focusFirstWrong(form: HTMLFormElement | null): void {
  const first = form?.querySelector<HTMLElement>('[aria-invalid="true"], [data-wrong]') ?? form?.querySelector<HTMLElement>('.notice.bad')
  const fold = first?.closest('details')
  if (fold) fold.open = true
  first?.focus()
}

/** Sends once at a time, and keeps what came of it. */
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

/** A form that keeps what was typed, whatever comes of sending it. */
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
  useEffect(() => {
    if (error !== undefined) focusFirstWrong(form.current)
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
