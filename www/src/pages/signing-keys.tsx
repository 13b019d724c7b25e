/** The keys that sign the tokens of this server: their state, their age, and what to do next. */
import { call, KEYS } from '../api.ts'
import { t } from '../texts/index.ts'
import { Copy } from '../ui/code.tsx'
import { useLoaded } from '../ui/loaded.ts'
import { When } from '../ui/times.tsx'
import { Badge, LoadState, Ticked } from '../ui/words.tsx'

interface OwnKey {
  kid: string
  alg: string
  kty: string
  crv?: string
  state: 'current' | 'next' | 'retiring'
  /** Where it is kept. */
  source: 'store' | 'configuration'
  /** When the server first knew of it, seconds since the epoch. */
  firstSeen?: number
}

const KINDS = { current: 'good', next: 'plain', retiring: 'warn' } as const

export function SigningKeys() {
  const words = t().signingKeys
  const loaded = useLoaded(async () => (await call<{ keys: OwnKey[] }>('GET', KEYS)).keys, [])
  const keys = loaded.data
  return (
    <section aria-label={words.title}>
      <h2>{words.title}</h2>
      <p class="hint">
        <Ticked text={words.about} />
      </p>
      <LoadState of={loaded} loading={words.loading} />
      {keys?.length === 0 && <p>{words.none}</p>}
      {keys !== undefined && keys.length > 0 && (
        <>
          <ul class="cards addresses">
            {keys.map((key) => (
              <One key={key.kid} of={key} />
            ))}
          </ul>
          <NextSteps keys={keys} />
        </>
      )}
    </section>
  )
}

function One({ of: { kid, alg, crv, kty, state, source, firstSeen } }: { of: OwnKey }) {
  const words = t().signingKeys
  return (
    <li>
      <div>
        <span class="name mono">{kid}</span>
        <span class="quiet">
          {alg} ({crv ?? kty}) · {words.sources[source]}
        </span>
        {firstSeen !== undefined && (
          <span class="quiet">
            {words.since} <When at={firstSeen} />
          </span>
        )}
        <span class="hint">{words.states[state].about}</span>
      </div>
      <span class="badges">
        <Badge kind={KINDS[state]}>{words.states[state].label}</Badge>
      </span>
      <Copy text={kid} what={kid} />
    </li>
  )
}

/** What to do to rotate. The keys of a document are changed there; nothing here can do it. */
function NextSteps({ keys }: { keys: OwnKey[] }) {
  const words = t().signingKeys
  if (keys.every(({ source }) => source === 'store')) {
    return (
      <p>
        <Ticked text={words.ofStore} />
      </p>
    )
  }
  const has = (state: OwnKey['state']) => keys.some((key) => key.state === state)
  const steps = [
    { done: has('next') || has('retiring'), text: words.steps.publish },
    { done: has('retiring'), text: words.steps.use },
    { done: false, text: words.steps.remove },
  ]
  return (
    <>
      <h3>{words.rotate}</h3>
      <ol class="rotation">
        {steps.map(({ done, text }) => (
          <li key={text}>
            <Ticked text={text} /> {done && <Badge kind="good">{words.done}</Badge>}
          </li>
        ))}
      </ol>
    </>
  )
}
