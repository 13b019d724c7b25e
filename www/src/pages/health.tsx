/** The state of the server. */
import { all, APPLICATIONS, call, ISSUERS, REFUSALS } from '../api.ts'
import type { ApplicationSummary, IssuerSummary, Refusal } from '../model.ts'
import { to } from '../route.ts'
import { useLoaded } from '../ui/loaded.ts'
import { Heading, LoadState, When } from '../ui/words.tsx'
import { KeyState, warningOf } from './issuers.tsx'
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
  const [health, metrics, issuers, refused, applications] = await Promise.all([
    healthz(),
    call<string>('GET', 'metrics'),
    all<IssuerSummary>(ISSUERS, 'identityProviders'),
    call<Refusals>('GET', `${REFUSALS}?limit=100`),
    all<ApplicationSummary>(APPLICATIONS, 'applications'),
  ])
  return { health, issuers, applications, refused, counted: decisions(metrics) }
}

export function Health() {
  const loaded = useLoaded(load, [])
  const { data, reload } = loaded
  return (
    <>
      <Heading title="Health" about={data === undefined ? 'The state of the server that answered.' : <Since at={data.refused.since} />}>
        <button type="button" class="outline" onClick={reload}>
          Refresh
        </button>
      </Heading>
      <LoadState of={loaded} what="the state" />
      {data !== undefined && (
        <>
          <Tiles health={data.health} counted={data.counted} />
          <IssuerKeys issuers={data.issuers} />
          <Refused refusals={data.refused.refusals} known={data} />
        </>
      )}
    </>
  )
}

function Since({ at }: { at: number }) {
  return (
    <>
      The state of the server that answered, since <When at={at} />.
    </>
  )
}

function Tiles({ health, counted }: { health: Healthz; counted: Counted[] }) {
  const sum = (these: Counted[]) => String(these.reduce((sum, { count }) => sum + count, 0))
  const tokens = counted.filter(({ event }) => event === 'token')
  const state = (text: string) => (text === 'ok' ? 'works' : text)
  return (
    <div class="tiles">
      <Tile label="Service" value={state(health.status)} good={health.status === 'ok'} />
      <Tile label="Store" value={state(health.store)} good={health.store === 'ok'} />
      <Tile label="Tokens issued" value={sum(tokens.filter(({ reason }) => reason === ''))} />
      <Tile label="Requests refused" value={sum(tokens.filter(({ reason }) => reason !== ''))} />
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

function IssuerKeys({ issuers }: { issuers: IssuerSummary[] }) {
  return (
    <section aria-label="Keys of the issuers">
      <h2>Keys of the issuers</h2>
      {issuers.length === 0 && (
        <p>
          There is no trusted token issuer. <a href={to('issuers', 'new')}>Add one</a>
        </p>
      )}
      <ul class="cards">
        {issuers.map((issuer) => (
          <li key={issuer.id}>
            <a href={to('issuers', issuer.id)}>
              <span class="name">{issuer.name}</span>
              <span class="mono quiet">{issuer.issuer}</span>
              {warningOf(issuer) !== undefined && <span>{warningOf(issuer)}</span>}
            </a>
            <span class="badges">
              <KeyState of={issuer} />
            </span>
          </li>
        ))}
      </ul>
    </section>
  )
}
