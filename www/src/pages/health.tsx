/** How the server is doing. */
import { all, call, ISSUERS } from '../api.ts'
import type { IssuerSummary } from '../model.ts'
import { to } from '../route.ts'
import { useLoaded } from '../ui/loaded.ts'
import { Badge, ErrorNotice, Heading, Loading, Notice, Ticked } from '../ui/words.tsx'
import { KeyState } from './issuers.tsx'
import reasons from 'virtual:reasons'

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

async function load() {
  const [health, metrics, issuers] = await Promise.all([healthz(), call<string>('GET', 'metrics'), all<IssuerSummary>(ISSUERS, 'identityProviders')])
  return { health, issuers, counted: decisions(metrics) }
}

/** What a reason means; those of tokens stand behind the parameter that carried the token. */
function meaning(reason: string) {
  return reasons[reason] ?? reasons[reason.slice(reason.indexOf('.') + 1)]
}

export function Health() {
  const { data, error, reload } = useLoaded(load, [])
  const tokens = data?.counted.filter(({ event }) => event === 'token') ?? []
  const granted = tokens.filter(({ reason }) => reason === '').reduce((sum, { count }) => sum + count, 0)
  const refused = tokens.filter(({ reason }) => reason !== '').sort((one, other) => other.count - one.count)
  return (
    <>
      <Heading title="Health" about="Of the server that answered, since it started.">
        <button type="button" class="outline" onClick={reload}>
          Look again
        </button>
      </Heading>
      <ErrorNotice error={error} onRetry={reload} />
      {data === undefined && error === undefined && <Loading what="the state" />}
      {data !== undefined && (
        <>
          <div class="tiles">
            <Tile label="Service" value={data.health.status === 'ok' ? 'works' : data.health.status} good={data.health.status === 'ok'} />
            <Tile label="Store" value={data.health.store === 'ok' ? 'works' : data.health.store} good={data.health.store === 'ok'} />
            <Tile label="Tokens issued" value={String(granted)} />
            <Tile label="Requests refused" value={String(refused.reduce((sum, { count }) => sum + count, 0))} />
          </div>
          <section aria-label="Keys of the issuers">
            <h2>Keys of the issuers</h2>
            {data.issuers.length === 0 && (
              <p>
                There is no trusted token issuer. <a href={to('issuers', 'new')}>Add one</a>
              </p>
            )}
            <ul class="cards">
              {data.issuers.map((issuer) => (
                <li key={issuer.id}>
                  <a href={to('issuers', issuer.id)}>
                    <span class="name">{issuer.name}</span>
                    <span class="mono quiet">{issuer.issuer}</span>
                  </a>
                  <span class="badges">{issuer.isEnabled ? <KeyState state={issuer.keyState} /> : <Badge kind="warn">disabled</Badge>}</span>
                </li>
              ))}
            </ul>
          </section>
          <section aria-label="Refusals by reason">
            <h2>Refusals by reason</h2>
            {refused.length === 0 && <Notice kind="good">Nothing was refused.</Notice>}
            <ul class="cards reasons">
              {refused.map(({ reason, count }) => (
                <li key={reason}>
                  <div>
                    <span class="mono name">{reason}</span>
                    {meaning(reason) !== undefined && (
                      <>
                        <span>
                          <Ticked text={meaning(reason)!.cause} />
                        </span>
                        <span class="quiet">
                          <Ticked text={meaning(reason)!.remedy} />
                        </span>
                      </>
                    )}
                  </div>
                  <span class="count">
                    {count}
                    <span class="quiet"> {count === 1 ? 'time' : 'times'}</span>
                  </span>
                </li>
              ))}
            </ul>
          </section>
        </>
      )}
    </>
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
