/** Recent refusals: why, how often, for which client, and where to fix the cause. */
import { useState } from 'preact/hooks'

import { aboutOf } from '../about.ts'
import type { ApplicationSummary, IssuerSummary, Refusal } from '../model.ts'
import { explained } from '../reasons.ts'
import { link, to } from '../route.ts'
import { t } from '../texts/index.ts'
import { Fold } from '../ui/groups.tsx'
import { When } from '../ui/times.tsx'
import { Empty, OfServer, sentence, Ticked } from '../ui/words.tsx'

/** The objects that a refusal may name. */
interface Known {
  issuers: IssuerSummary[]
  applications: ApplicationSummary[]
  /** Whether decisions are stored with their traces. */
  isStored: boolean
}

/** How many are shown at first. */
const FEW = 10

export function Refused({ refusals, known }: { refusals: Refusal[]; known: Known }) {
  const words = t().refusals
  const ofAdministrators = refusals.filter(({ event }) => event === 'administration')
  const ofClients = refusals.filter(({ event }) => event !== 'administration')
  return (
    <section aria-label={words.title}>
      <h2>{words.title}</h2>
      {ofClients.length === 0 && (
        <Empty title={words.emptyTitle}>
          <p>{words.emptyAbout}</p>
        </Empty>
      )}
      <Newest refusals={ofClients} known={known} />
      {ofAdministrators.length > 0 && (
        <Fold title={words.ofAdministration(ofAdministrators.length)}>
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
          {t().refusals.showAll(refusals.length)}
        </button>
      )}
    </>
  )
}

const letters = (text: string) => text.toLowerCase().replaceAll(/[^a-z]/g, '')
/** Whether two sentences differ in more than their punctuation. */
const differ = (one: string, other: string) => letters(one) !== letters(other)

function One({ refusal, known }: { refusal: Refusal; known: Known }) {
  const { reason, message, event } = refusal
  const found = explained(reason)
  const isToken = event === 'token'
  return (
    <div>
      <p class="name">
        <Ticked text={sentence(found?.cause ?? message ?? reason)} />
      </p>
      {found !== undefined && message !== undefined && differ(message, found.cause) && (
        <p class="quiet">
          <OfServer text={sentence(message)} />
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
            · {known.isStored ? <a href={to('activity', refusal.traceId)}>{t().refusals.trace}</a> : <Ticked text={t().errors.traceId(refusal.traceId)} />}
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
      <strong>{t().refusals.times(count)}</strong>, {t().refusals.last} <When at={time} />, {t().refusals.first} <When at={firstTime} alone />
    </>
  )
}

/** Links to the objects that the refusal names. The one that decided is opened at the field that did. */
function Ways({ refusal: { reason, clientId, issuer }, known }: { refusal: Refusal; known: Known }) {
  const about = aboutOf(reason)
  const words = t().refusals
  const query = (of: string) => ({ field: about.of === of ? about.field : undefined, back: 'health' })
  const application = known.applications.find((one) => one.clientId === clientId)
  const trusted = known.issuers.find((one) => one.name === issuer)
  return (
    <ul class="ways">
      {application !== undefined && <Way label={words.application} name={application.name} href={link(['applications', application.id], query('application'))} here={about.of === 'application'} />}
      {application === undefined && clientId !== undefined && (
        <li>
          {words.unknownApplication} <span class="mono">{clientId}</span>
        </li>
      )}
      {trusted !== undefined && <Way label={words.issuer} name={trusted.name} href={link(['issuers', trusted.id], query('issuer'))} here={about.of === 'issuer'} />}
      {about.of === 'user' && <Way label={words.accounts} name={t().users.title} href={to('users')} here />}
      {application !== undefined && (
        <li>
          <a href={link(['playground'], { client: application.clientId })}>{t().editor.tryIt}</a>
        </li>
      )}
    </ul>
  )
}

function Way({ label, name, href, here }: { label: string; name: string; href: string; here: boolean }) {
  return (
    <li>
      {label} <a href={href}>{name}</a>
      {here && <span class="quiet"> {t().refusals.fixIt}</span>}
    </li>
  )
}
