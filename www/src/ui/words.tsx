/** Text blocks of a page: headings, notices, badges, times, empty lists. */
import type { ComponentChildren } from 'preact'
import { useEffect } from 'preact/hooks'

import { Refused } from '../api.ts'
import type { Loaded } from './loaded.ts'

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

/** A message of the engine, which is in lower case and without a full stop, as a sentence. */
export function sentence(text: string): string {
  // A name keeps its spelling.
  const begun = /^[a-z]+(?![\w.])/.test(text) ? text.charAt(0).toUpperCase() + text.slice(1) : text
  return /[.!?:…]$/.test(begun) || begun === '' ? begun : `${begun}.`
}

/** What went wrong, with a button to try again where that may help. `children` replace the message. */
export function ErrorNotice({ error, onRetry, children }: { error: unknown; onRetry?: () => void; children?: ComponentChildren }) {
  if (error === undefined || error === null) return null
  const message = error instanceof Error ? error.message : String(error)
  return (
    <Notice kind="bad" title={titleOf(error)}>
      {children ??
        message.split('\n').map((line) => (
          <p key={line}>
            <Ticked text={sentence(line)} />
          </p>
        ))}
      {error instanceof Refused && error.traceId !== undefined && error.complaints.length === 0 && (
        <p class="quiet">
          In the audit log as <code>{error.traceId}</code>
        </p>
      )}
      {onRetry !== undefined && (
        <p class="actions">
          <button type="button" class="small outline" onClick={onRetry}>
            Try again
          </button>
        </p>
      )}
    </Notice>
  )
}

function titleOf(error: unknown): string {
  if (error instanceof Error && 'title' in error) return String(error.title)
  if (!(error instanceof Refused)) return 'That did not work'
  if (error.status === 0) return 'No connection'
  if (error.status === 404) return 'Not found'
  if (error.status === 409) return 'Conflict'
  if (error.status === 401 || error.status === 403) return 'Not allowed'
  return error.status >= 500 ? 'The server failed' : 'Not accepted'
}

export function Badge({ kind, children }: { kind: 'good' | 'bad' | 'warn' | 'plain'; children: ComponentChildren }) {
  return <span class={`badge ${kind}`}>{children}</span>
}

export function Loading({ what }: { what: string }) {
  return <p aria-busy="true">Loading {what}…</p>
}

/** What a page shows while it loads something, and when that failed. */
export function LoadState({ of: { data, error, reload }, what }: { of: Loaded<unknown>; what: string }) {
  return (
    <>
      <ErrorNotice error={error} onRetry={reload} />
      {data === undefined && error === undefined && <Loading what={what} />}
    </>
  )
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
        <div>
          <h1 tabIndex={-1}>{props.title}</h1>
          {props.about !== undefined && <p class="quiet">{props.about}</p>}
        </div>
        {props.children !== undefined && <div class="actions">{props.children}</div>}
      </div>
    </header>
  )
}

const clock = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' })
const exactClock = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' })

/** A time in seconds since the epoch; to the second when it is `exact`. */
export function When({ at, exact = false }: { at: number; exact?: boolean }) {
  const date = new Date(at * 1000)
  // A token may say anything.
  if (Number.isNaN(date.getTime())) return <>never</>
  return <time dateTime={date.toISOString()}>{(exact ? exactClock : clock).format(date)}</time>
}

/** When an object was changed, and by whom. */
export function Changed({ at, by }: { at?: number | undefined; by?: string | undefined }) {
  if (at === undefined) return null
  return (
    <>
      Changed <When at={at} />
      {by != null && <> by {by}</>}
    </>
  )
}
