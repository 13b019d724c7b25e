/** What a page says: headings, notices, badges, times, and that there is nothing. */
import type { ComponentChildren } from 'preact'
import { useEffect } from 'preact/hooks'

import { Refused } from '../api.ts'

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

export function Badge({ kind, children }: { kind: 'good' | 'bad' | 'warn' | 'plain'; children: ComponentChildren }) {
  return <span class={`badge ${kind}`}>{children}</span>
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

/** When an object was changed, and by whom. */
export function Changed({ meta }: { meta: { lastModified: number; modifiedBy?: string } }) {
  return (
    <>
      Changed <When at={meta.lastModified} />
      {meta.modifiedBy != null && <> by {meta.modifiedBy}</>}
    </>
  )
}
