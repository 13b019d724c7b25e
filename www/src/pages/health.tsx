/** The state of the server. */
import { all, APPLICATIONS, call, ISSUERS, REFUSALS } from '../api.ts'
import { counting } from '../known.ts'
import type { ApplicationSummary, IssuerSummary, Refusal } from '../model.ts'
import { to } from '../route.ts'
import { t } from '../texts/index.ts'
import { useLoaded } from '../ui/loaded.ts'
import { When } from '../ui/times.tsx'
import { Heading, LoadState, Ticked } from '../ui/words.tsx'
import { overview } from './activity/data.ts'
import { KeyState, KeyWarning, urgency, useCertificates } from './keystate.tsx'
import { Overridden } from './list.tsx'
import { Refused } from './refused.tsx'

interface Healthz {
  status: string
  store: string
}

interface Counted {
  event: string
  reason: string
  count: number
}

/** The counters of decisions, from Prometheus's text format. */
export function decisions(text: string): Counted[] {
  return text.split('\n').flatMap((line) => {
    const found = /^exchequer_decisions_total\{event="([^"]*)",outcome="[^"]*",reason="([^"]*)"\} (\d+)$/.exec(line)
    return found === null ? [] : [{ event: found[1]!, reason: found[2]!, count: Number(found[3]) }]
  })
}

/** A server that cannot work answers 503 with the same body. */
async function healthz(): Promise<Healthz> {
  const response = await fetch(new URL('../healthz', document.baseURI), { cache: 'no-store' })
  return (await response.json()) as Healthz
}

interface Refusals {
  /** When the server started to count. */
  since: number
  refusals: Refusal[]
}

async function load() {
  const [health, metrics, issuers, refused, applications, { activity }] = await Promise.all([
    healthz(),
    call<string>('GET', 'metrics'),
    all<IssuerSummary>(ISSUERS, 'identityProviders'),
    call<Refusals>('GET', `${REFUSALS}?limit=100`),
    all<ApplicationSummary>(APPLICATIONS, 'applications'),
    overview(),
  ])
  return { health, issuers, applications, refused, counted: decisions(metrics), isStored: activity.enabled }
}

export function Health() {
  const loaded = useLoaded(load, [])
  const { data, reload } = loaded
  const words = t().health
  return (
    <>
      <Heading title={words.title} about={data === undefined ? words.about : <Since at={data.refused.since} />}>
        <button type="button" class="outline" onClick={reload}>
          {words.refresh}
        </button>
      </Heading>
      <LoadState of={loaded} loading={words.loading} />
      {data !== undefined && (
        <>
          <Tiles health={data.health} counted={data.counted} />
          <IssuerKeys issuers={data.issuers} />
          <Refused refusals={data.refused.refusals} known={{ ...data, issuers: counting(data.issuers), applications: counting(data.applications) }} />
        </>
      )}
    </>
  )
}

function Since({ at }: { at: number }) {
  return (
    <span>
      {t().health.since} <When at={at} />.
    </span>
  )
}

function Tiles({ health, counted }: { health: Healthz; counted: Counted[] }) {
  const sum = (these: Counted[]) => String(these.reduce((sum, { count }) => sum + count, 0))
  const tokens = counted.filter(({ event }) => event === 'token')
  const words = t().health
  const state = (text: string) => (text === 'ok' ? words.works : text)
  return (
    <div class="tiles">
      <Tile label={words.service} value={state(health.status)} good={health.status === 'ok'} />
      <Tile label={words.store} value={state(health.store)} good={health.store === 'ok'} />
      <Tile label={words.issued} value={sum(tokens.filter(({ reason }) => reason === ''))} />
      <Tile label={words.refused} value={sum(tokens.filter(({ reason }) => reason !== ''))} />
    </div>
  )
}

function Tile({ label, value, good }: { label: string; value: string; good?: boolean }) {
  return (
    <div class={`tile${good === undefined ? '' : good ? ' good' : ' bad'}`}>
      <span class="quiet">{label}</span>
      <strong>{value}</strong>
    </div>
  )
}

/** Those that need attention come first. */
function IssuerKeys({ issuers }: { issuers: IssuerSummary[] }) {
  const certificates = useCertificates(issuers)
  const words = t().health
  const rank = (issuer: IssuerSummary) => {
    const ended = certificates[issuer.id]?.validity
    return ended === undefined || ended === 'valid' ? `${urgency(issuer)} ${issuer.name}` : `${ended === 'expiring' ? '1' : '0'} ${issuer.name}`
  }
  const sorted = [...issuers].sort((one, other) => rank(one).localeCompare(rank(other)))
  return (
    <section aria-label={words.keys}>
      <h2>{words.keys}</h2>
      {issuers.length === 0 && (
        <p>
          <Ticked text={words.noIssuers} to={[to('issuers', 'new')]} />
        </p>
      )}
      <ul class="cards">
        {sorted.map((issuer) => (
          <li key={issuer.id}>
            <a href={to('issuers', issuer.id)}>
              <span class="name">{issuer.name}</span>
              <span class="mono quiet">{issuer.issuer}</span>
              <KeyWarning of={issuer} last={certificates[issuer.id]} />
            </a>
            <span class="badges">
              <KeyState of={issuer} last={certificates[issuer.id]} />
              <Overridden of={issuer} />
            </span>
          </li>
        ))}
      </ul>
    </section>
  )
}
