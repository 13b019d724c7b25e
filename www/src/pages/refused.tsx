/** Recent refusals: why, how often, for which client, and where to fix the cause. */
import { useState } from 'preact/hooks'

import reasons from '../generated/reasons.json'
import { aboutOf } from '../about.ts'
import type { ApplicationSummary, IssuerSummary, Refusal } from '../model.ts'
import { to } from '../route.ts'
import { Fold } from '../ui/groups.tsx'
import { Empty, sentence, Ticked, When } from '../ui/words.tsx'

/** The objects that a refusal may name. */
interface Known {
  issuers: IssuerSummary[]
  applications: ApplicationSummary[]
}

/** How many are shown at first. */
const FEW = 10

export function Refused({ refusals, known }: { refusals: Refusal[]; known: Known }) {
  const ofAdministrators = refusals.filter(({ event }) => event === 'administration')
  const ofClients = refusals.filter(({ event }) => event !== 'administration')
  return (
    <section aria-label="Recent refusals">
      <h2>Recent refusals</h2>
      {ofClients.length === 0 && (
        <Empty title="No request for a token was refused">
          <p>Refused requests appear here, with the reason and where to fix it.</p>
        </Empty>
      )}
      <Newest refusals={ofClients} known={known} />
      {ofAdministrators.length > 0 && (
        <Fold title={`Refused by the administration API (${ofAdministrators.length})`}>
          <Newest refusals={ofAdministrators} known={known} />
        </Fold>
      )}
    </section>
  )
}

function Newest({ refusals, known }: { refusals: Refusal[]; known: Known }) {
  const [all, setAll] = useState(false)
  const shown = all ? refusals : refusals.slice(0, FEW)
  return (
    <>
      <ul class="cards refusals">
        {shown.map((refusal) => (
          <li key={`${refusal.event} ${refusal.reason} ${refusal.clientId} ${refusal.issuer}`}>
            <One refusal={refusal} known={known} />
          </li>
        ))}
      </ul>
      {shown.length < refusals.length && (
        <button type="button" class="outline" onClick={() => setAll(true)}>
          Show all {refusals.length}
        </button>
      )}
    </>
  )
}

const CATALOGUE: Record<string, { cause: string; remedy: string } | undefined> = reasons

/** Cause and remedy of a reason. The reason of a token begins with the parameter that carried the token. */
const explanationOf = (reason: string) => CATALOGUE[reason] ?? CATALOGUE[reason.slice(reason.indexOf('.') + 1)]

const letters = (text: string) => text.toLowerCase().replaceAll(/[^a-z]/g, '')
/** Whether two sentences differ in more than their punctuation. */
const differ = (one: string, other: string) => letters(one) !== letters(other)

function One({ refusal, known }: { refusal: Refusal; known: Known }) {
  const { reason, message, event } = refusal
  const found = explanationOf(reason)
  const isToken = event === 'token'
  return (
    <div>
      <p class="name">
        <Ticked text={sentence(found?.cause ?? message ?? reason)} />
      </p>
      {found !== undefined && message !== undefined && differ(message, found.cause) && (
        <p class="quiet">
          <Ticked text={sentence(message)} />
        </p>
      )}
      {found !== undefined && (
        <p>
          <Ticked text={found.remedy} />
        </p>
      )}
      <p class="quiet">
        <HowOften refusal={refusal} /> · <span class="mono">{reason}</span>
        {!isToken && <> · {event.replaceAll(/[._]/g, ' ')}</>}
        {refusal.traceId !== undefined && (
          <>
            {' '}
            · in the audit log as <code>{refusal.traceId}</code>
          </>
        )}
      </p>
      {isToken && <Ways refusal={refusal} known={known} />}
    </div>
  )
}

function HowOften({ refusal: { count, time, firstTime } }: { refusal: Refusal }) {
  if (count === 1) return <When at={time} />
  return (
    <>
      <strong>{count} times</strong>, last <When at={time} />, first <When at={firstTime} />
    </>
  )
}

/** Links to the objects that the refusal names. The one that decided is opened at the field that did. */
function Ways({ refusal: { reason, clientId, issuer }, known }: { refusal: Refusal; known: Known }) {
  const about = aboutOf(reason)
  const query = (of: string) => `?${new URLSearchParams({ ...(about.of === of && about.field !== undefined && { field: about.field }), back: 'health' })}`
  const application = known.applications.find((one) => one.clientId === clientId)
  const trusted = known.issuers.find((one) => one.name === issuer)
  const tryIt = new URLSearchParams({ ...(application !== undefined && { client: application.clientId }), ...(trusted !== undefined && { issuer: trusted.issuer }) })
  return (
    <ul class="ways">
      {application !== undefined && <Way label="Application" name={application.name} href={to('applications', application.id) + query('application')} here={about.of === 'application'} />}
      {application === undefined && clientId !== undefined && (
        <li>
          Unknown application <span class="mono">{clientId}</span>
        </li>
      )}
      {trusted !== undefined && <Way label="Issuer" name={trusted.name} href={to('issuers', trusted.id) + query('issuer')} here={about.of === 'issuer'} />}
      {about.of === 'user' && <Way label="Local accounts" name="Users" href={to('users')} here />}
      {application !== undefined && (
        <li>
          <a href={`${to('playground')}?${tryIt}`}>Try it out</a>
        </li>
      )}
    </ul>
  )
}

function Way({ label, name, href, here }: { label: string; name: string; href: string; here: boolean }) {
  return (
    <li>
      {label} <a href={href}>{name}</a>
      {here && <span class="quiet"> (fix it there)</span>}
    </li>
  )
}
