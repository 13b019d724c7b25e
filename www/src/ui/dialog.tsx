/** Dialogs, and buttons that ask before they act. */
import type { ComponentChildren } from 'preact'
import { useEffect, useId, useRef, useState } from 'preact/hooks'

import { t } from '../texts/index.ts'
import { ErrorNotice } from './words.tsx'

/** A dialog that closes with Escape and gives the focus back, as the browser's own does. */
export function Dialog(props: { title: string; onClose?: (() => void) | undefined; children: ComponentChildren }) {
  const dialog = useRef<HTMLDialogElement>(null)
  const id = useId()
  useEffect(() => {
    dialog.current?.showModal()
  }, [])
  const cancel = (event: Event) => {
    event.preventDefault()
    props.onClose?.()
  }
  return (
    <dialog ref={dialog} aria-labelledby={id} onCancel={cancel}>
      <article>
        <header>
          <h2 id={id}>{props.title}</h2>
        </header>
        {props.children}
      </article>
    </dialog>
  )
}

interface DangerProps {
  label: string
  title: string
  question: ComponentChildren
  confirm: string
  act: () => Promise<unknown>
  small?: boolean
  /** The button does not look dangerous. */
  quiet?: boolean
  /** The button is the one that people are meant to press next. */
  prominent?: boolean
  /** The button's name for screen readers, where several have the same label. */
  describe?: string
}

/** A button that asks before it does something irreversible. */
export function Danger(props: DangerProps) {
  const [open, setOpen] = useState(false)
  return (
    <>
      <button type="button" class={`${props.prominent ? '' : props.quiet ? 'outline secondary' : 'outline danger'}${props.small ? ' small' : ''}`} aria-label={props.describe} onClick={() => setOpen(true)}>
        {props.label}
      </button>
      {open && <Question {...props} onClose={() => setOpen(false)} />}
    </>
  )
}

function Question({ title, question, confirm, act, prominent, onClose }: DangerProps & { onClose: () => void }) {
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<unknown>()
  const go = async () => {
    setBusy(true)
    setError(undefined)
    try {
      await act()
      onClose()
    } catch (thrown) {
      setError(thrown)
    } finally {
      setBusy(false)
    }
  }
  return (
    <Dialog title={title} onClose={onClose}>
      <div class="question">{question}</div>
      <ErrorNotice error={error} />
      <div class="actions">
        <button type="button" class={prominent ? '' : 'danger'} aria-busy={busy} onClick={() => void go()}>
          {confirm}
        </button>
        {/* Pressing Enter too soon changes nothing. */}
        <button type="button" class="outline secondary" autofocus onClick={onClose}>
          {t().cancel}
        </button>
      </div>
    </Dialog>
  )
}
