/** Stored decisions: a chart over time, a filter, and the decisions, the newest first. */
import { useState } from 'preact/hooks'

import { aboutOf } from '../../about.ts'
import { type Known, known } from '../../known.ts'
import type { StoredDecision } from '../../model.ts'
import { explained } from '../../reasons.ts'
import { link, route, to } from '../../route.ts'
import { t } from '../../texts/index.ts'
import { Code } from '../../ui/code.tsx'
import { useLoaded } from '../../ui/loaded.ts'
import { When } from '../../ui/times.tsx'
import { Badge, Empty, Heading, LoadState, sentence, Ticked } from '../../ui/words.tsx'
import { Chart } from './chart.tsx'
import { type Asked, asked, counts, type Decisions, decisions, type Overview, overview, spanOf } from './data.ts'
import { Decision } from './decision.tsx'
import { Filter, isFiltered } from './filter.tsx'

/** Turns it on. */
const SNIPPET = '"audit": {\n  "activity": { "enabled": true, "days": 7 }\n}'

export function Activity() {
  const traceId = route.value.path[1]
  return traceId === undefined ? <All /> : <Decision key={traceId} traceId={traceId} />
}

function All() {
  const words = t().activity
  const [round, setRound] = useState(0)
  const loaded = useLoaded(async () => ({ overview: await overview(), known: await known() }), [])
  const { data } = loaded
  const isOn = data?.overview.activity.enabled === true
  return (
    <>
      <Heading title={words.title} about={<About of={data?.overview} />}>
        {isOn && (
          <button type="button" class="outline" onClick={() => setRound(round + 1)}>
            {words.refresh}
          </button>
        )}
      </Heading>
      <LoadState of={loaded} loading={words.loading} />
      {data !== undefined && (isOn ? <Shown round={round} known={data.known} days={data.overview.activity.days} /> : <Off />)}
    </>
  )
}

function About({ of }: { of: Overview | undefined }) {
  const words = t().activity
  if (of?.activity.enabled !== true) return <span>{words.about}</span>
  const { privateClaims, activity } = of
  const claims = privateClaims.map((claim) => `\`${claim}\``).join(', ')
  return (
    <>
      <span>
        {words.about} {words.kept(activity.days)}
      </span>
      <span>
        <Ticked text={claims === '' ? words.nothingPrivate : words.private(claims)} />
      </span>
    </>
  )
}

function Off() {
  const words = t().activity
  return (
    <section class="off">
      <h2>{words.off}</h2>
      <p>{words.offAbout}</p>
      <Code label={words.offSnippet} text={SNIPPET} />
      <p>
        <Ticked text={words.offMeanwhile} to={[to('health')]} />
      </p>
    </section>
  )
}

/** Everything is read anew when what the address asks for changes. */
function Shown({ round, known, days }: { round: number; known: Known; days: number }) {
  const filter = asked()
  const time = `${filter.time} ${filter.part?.from} ${filter.part?.to} ${round}`
  return (
    <>
      <Over key={time} filter={filter} days={days} />
      <Filter of={filter} known={known} />
      <Newest key={`${time} ${JSON.stringify(filter)}`} filter={filter} known={known} days={days} />
    </>
  )
}

function Over({ filter, days }: { filter: Asked; days: number }) {
  const loaded = useLoaded(() => counts(spanOf(filter, days)), [])
  return (
    <>
      <LoadState of={loaded} loading={t().loading} />
      {loaded.data !== undefined && <Chart counts={loaded.data} />}
    </>
  )
}

function Newest({ filter, known, days }: { filter: Asked; known: Known; days: number }) {
  const words = t().activity
  const first = useLoaded(() => decisions(filter, spanOf(filter, days)), [])
  const [older, setOlder] = useState<Decisions>()
  const [error, setError] = useState<unknown>()
  const next = older === undefined ? first.data?.next : older.next
  const more = async () => {
    try {
      const page = await decisions(filter, spanOf(filter, days), next)
      setOlder({ decisions: [...(older?.decisions ?? []), ...page.decisions], next: page.next })
      setError(undefined)
    } catch (thrown) {
      setError(thrown)
    }
  }
  const all = [...(first.data?.decisions ?? []), ...(older?.decisions ?? [])]
  return (
    <section aria-label={words.title}>
      <LoadState of={first} loading={words.loading} />
      {first.data !== undefined && all.length === 0 && next === undefined && (
        <Empty title={words.emptyTitle}>
          <p>{isFiltered(filter) ? words.noMatch : words.emptyAbout}</p>
        </Empty>
      )}
      <ul class="cards decisions">
        {all.map((one) => (
          <Row key={one.traceId} of={one} known={known} />
        ))}
      </ul>
      <LoadState of={{ data: true, error, reload: () => void more() }} loading="" />
      {next !== undefined && (
        <button type="button" class="outline" onClick={() => void more()}>
          {words.older}
        </button>
      )}
    </section>
  )
}

/** What happened, in one line. */
export function saidOf({ outcome, reason, message, error }: StoredDecision): string {
  if (outcome === 'granted') return t().activity.grantedAbout
  return sentence((reason === undefined ? undefined : explained(reason)?.cause) ?? message ?? reason ?? error ?? '')
}

function Row({ of, known }: { of: StoredDecision; known: Known }) {
  const words = t().activity
  const { traceId, time, outcome, clientId, issuer, event, reason } = of
  const name = known.applications.find((one) => one.clientId === clientId)?.name ?? clientId
  const parts = [event === 'token' ? undefined : (words.events[event] ?? event), name, issuer].filter((part): part is string => part !== undefined)
  return (
    <li>
      <a href={link(['activity', traceId], Object.fromEntries(route.value.query))}>
        <span class="name">
          <Ticked text={saidOf(of)} />
        </span>
        <span class="quiet">
          <When at={time} precision="second" />
          {parts.length > 0 && ` · ${parts.join(' · ')}`}
        </span>
        {reason !== undefined && <span class="quiet mono">{reason}</span>}
      </a>
      <span class="badges">
        {reason !== undefined && outcome === 'refused' && <Badge kind="plain">{aboutOf(reason).label}</Badge>}
        <Badge kind={outcome === 'granted' ? 'good' : 'bad'}>{words.outcomes[outcome]}</Badge>
      </span>
    </li>
  )
}

