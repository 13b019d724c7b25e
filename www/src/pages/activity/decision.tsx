/** One stored decision: why, the recorded trace, and the fields that decide. */
import type { ComponentChildren } from 'preact'

import type { About } from '../../about.ts'
import { type Known, known } from '../../known.ts'
import type { StoredDecision } from '../../model.ts'
import { Trace, Verdict } from '../../playground/trace.tsx'
import { explained } from '../../reasons.ts'
import { link, route, to } from '../../route.ts'
import { t } from '../../texts/index.ts'
import { Copy } from '../../ui/code.tsx'
import { useLoaded } from '../../ui/loaded.ts'
import { When } from '../../ui/times.tsx'
import { Heading, LoadState, Notice } from '../../ui/words.tsx'
import { decision } from './data.ts'

export function Decision({ traceId }: { traceId: string }) {
  const words = t().activity
  const loaded = useLoaded(async () => ({ one: await decision(traceId), known: await known() }), [])
  return (
    <>
      <Heading
        title={words.one}
        back={{ href: link(['activity'], Object.fromEntries(route.value.query)), label: words.back }}
        about={
          <span class="value">
            <span class="quiet">{words.traceId}</span> <code>{traceId}</code> <Copy text={traceId} what={words.traceId} />
          </span>
        }
      />
      <LoadState of={loaded} loading={words.loading} />
      {loaded.data !== undefined && <One {...loaded.data} />}
    </>
  )
}

/** Where the field is that decides a check. */
function placeFor(one: StoredDecision, known: Known) {
  const application = known.applications.find(({ clientId }) => clientId === one.clientId)
  const issuer = known.issuers.find(({ name }) => name === one.issuer)
  return ({ of, field }: About) => {
    const query = { field, back: 'activity' }
    if (of === 'user') return { href: to('users'), label: t().place.users }
    if (of === 'application') return application && { href: link(['applications', application.id], query), label: application.name }
    if (of === 'issuer') return issuer && { href: link(['issuers', issuer.id], query), label: issuer.name }
    return undefined
  }
}

function One({ one, known }: { one: StoredDecision; known: Known }) {
  const words = t().activity
  const place = placeFor(one, known)
  const { outcome, status, error, message, reason, checks } = one
  const why = reason === undefined ? undefined : explained(reason)
  return (
    <>
      {outcome === 'granted' ? (
        <Notice kind="good" title={words.grantedTitle}>
          <p>{words.grantedAbout}</p>
        </Notice>
      ) : (
        <Verdict
          said={{ granted: false, status, ...(error !== undefined && { error }), ...(message !== undefined && { error_description: message }), ...(reason !== undefined && { reason }), ...why }}
          place={place}
          there
        />
      )}
      <Facts of={one} known={known} />
      <section aria-label={words.trace}>
        <h2>{words.trace}</h2>
        {checks.length === 0 ? <p class="quiet">{words.noTrace}</p> : <Trace checks={checks} place={place} />}
      </section>
      {one.clientId !== undefined && one.event === 'token' && (
        <>
          <p class="quiet">{words.explainAbout}</p>
          <p>
            <a class="button outline" href={link(['playground'], { client: one.clientId })}>
              {words.explain}
            </a>
          </p>
        </>
      )}
    </>
  )
}

function Facts({ of, known }: { of: StoredDecision; known: Known }) {
  const words = t().activity
  const application = known.applications.find(({ clientId }) => clientId === of.clientId)
  const issuer = known.issuers.find(({ name }) => name === of.issuer)
  const rows: [string, ComponentChildren][] = [
    [words.at, <When at={of.time} precision="second" />],
    [words.event, words.events[of.event] ?? of.event],
    [words.application, application && <a href={to('applications', application.id)}>{application.name}</a>],
    [words.clientId, of.clientId !== undefined && <span class="mono">{of.clientId}</span>],
    [words.issuer, issuer === undefined ? of.issuer : <a href={to('issuers', issuer.id)}>{issuer.name}</a>],
    [words.grantType, of.grantType !== undefined && (t().grants[of.grantType as 'refresh_token']?.label ?? of.grantType)],
    [words.subjectLabel, of.subject !== undefined && <span class="mono">{of.subject}</span>],
    [words.administrator, of.administrator],
    [words.tokenId, of.tokenId !== undefined && <span class="mono">{of.tokenId}</span>],
    [words.status, of.status],
  ]
  return (
    <section aria-label={words.facts}>
      <h2>{words.facts}</h2>
      <dl class="facts columns">
        {rows
          .filter(([, value]) => value !== undefined && value !== false)
          .map(([label, value]) => (
            <div key={label}>
              <dt>{label}</dt>
              <dd>{value}</dd>
            </div>
          ))}
      </dl>
    </section>
  )
}
