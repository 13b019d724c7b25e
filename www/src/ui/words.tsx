/** Text blocks of a page: headings, notices, badges, empty lists. */
import type { ComponentChildren } from 'preact'
import { useEffect } from 'preact/hooks'

import { Refused } from '../api.ts'
import { language, t } from '../texts/index.ts'
import type { Loaded } from './loaded.ts'

/** Text in which `backticks` mark code and [brackets] mark a link, whose address is the member of `to` of that order. */
export function Ticked({ text, to = [] }: { text: string; to?: string[] }) {
  const links = [...to]
  const linked = (part: string) =>
    to.length === 0
      ? part
      : part.split(/\[(.*?)\]/).map((piece, index) =>
          index % 2 === 1 ? (
            <a key={index} href={links.shift()}>
              {piece}
            </a>
          ) : (
            piece
          ),
        )
  return <>{text.split('`').map((part, index) => (index % 2 === 1 ? <code key={index}>{part}</code> : linked(part)))}</>
}

/** What the server says. It is English in every language of the console, and a screen reader has to know. */
export function OfServer({ text }: { text: string }) {
  if (language.value === 'en') return <Ticked text={text} />
  return (
    <span lang="en">
      <Ticked text={text} />
    </span>
  )
}

export function Notice(props: { kind: 'good' | 'bad' | 'warn' | 'info'; title?: string | undefined; children?: ComponentChildren }) {
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
  const isSaid = error instanceof Refused && error.status > 0 && message !== t().errors.noApi(error.status)
  const Line = isSaid ? OfServer : Ticked
  const traceId = error instanceof Refused && error.complaints.length === 0 ? error.traceId : undefined
  return (
    <Notice kind="bad" title={titleOf(error)}>
      {children ??
        message.split('\n').map((line) => (
          <p key={line}>
            <Line text={sentence(line)} />
          </p>
        ))}
      {traceId !== undefined && (
        <p class="quiet">
          <Ticked text={t().errors.traceId(traceId)} />
        </p>
      )}
      {onRetry !== undefined && (
        <p class="actions">
          <button type="button" class="small outline" onClick={onRetry}>
            {t().errors.retry}
          </button>
        </p>
      )}
    </Notice>
  )
}

function titleOf(error: unknown): string {
  const { errors } = t()
  if (error instanceof Error && 'title' in error) return String(error.title)
  if (!(error instanceof Refused)) return errors.failed
  if (error.status === 0) return errors.noConnection
  if (error.status === 404) return errors.notFound
  if (error.status === 409) return errors.conflict
  if (error.status === 401 || error.status === 403) return errors.notAllowed
  return error.status >= 500 ? errors.server : errors.notAccepted
}

export function Badge({ kind, children }: { kind: 'good' | 'bad' | 'warn' | 'plain'; children: ComponentChildren }) {
  return <span class={`badge ${kind}`}>{children}</span>
}

/** What a page shows while it loads something, and when that failed. */
export function LoadState({ of: { data, error, reload }, loading }: { of: Loaded<unknown>; loading: string }) {
  return (
    <>
      <ErrorNotice error={error} onRetry={reload} />
      {data === undefined && error === undefined && <p aria-busy="true">{loading}</p>}
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
          {props.about !== undefined && <div class="quiet about">{props.about}</div>}
        </div>
        {props.children !== undefined && <div class="actions">{props.children}</div>}
      </div>
    </header>
  )
}
