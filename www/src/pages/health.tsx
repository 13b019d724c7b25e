/** How the server is doing. */
import { all, APPLICATIONS, call, ISSUERS, REFUSALS } from '../api.ts'
import type { ApplicationSummary, IssuerSummary, Refusal } from '../model.ts'
import { to } from '../route.ts'
import { useLoaded } from '../ui/loaded.ts'
import { Badge, ErrorNotice, Heading, Loading, When } from '../ui/words.tsx'
import { KeyState, worryOf } from './issuers.tsx'
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

/** Reads the counters of decisions out of Prometheus's text format. */
export function decisions(text: string): Counted[] {
  return text.split('\n').flatMap((line) => {
    const found = /^exchequer_decisions_total\{event="([^"]*)",outcome="[^"]*",reason="([^"]*)"\} (\d+)$/.exec(line)
    return found === null ? [] : [{ event: found[1]!, reason: found[2]!, count: Number(found[3]) }]
  })
}

/** A server that cannot do its work says so with 503, which is no failed call. */
async function healthz(): Promise<Healthz> {
  const response = await fetch(new URL('../healthz', document.baseURI), { cache: 'no-store' })
  return (await response.json()) as Healthz
}

interface Refusals {
  /** When the server began to count. */
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
  const { data, error, reload } = useLoaded(load, [])
  return (
    <>
      <Heading title="Health" about={data === undefined ? 'Of the server that answers.' : <Since at={data.refused.since} />}>
        <button type="button" class="outline" onClick={reload}>
          Look again
        </button>
      </Heading>
      <ErrorNotice error={error} onRetry={reload} />
      {data === undefined && error === undefined && <Loading what="the state" />}
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
      Of the server that answered, since <When at={at} />.
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
              {issuer.isEnabled && worryOf(issuer.keyState) !== undefined && <span>{worryOf(issuer.keyState)}</span>}
            </a>
            <span class="badges">{issuer.isEnabled ? <KeyState state={issuer.keyState} /> : <Badge kind="warn">disabled</Badge>}</span>
          </li>
        ))}
      </ul>
    </section>
  )
}
