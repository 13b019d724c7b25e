/** The keys that sign the tokens of this server: their state, their age, and what to do next. */
import { useState } from 'preact/hooks'

import { call, KEYS } from '../api.ts'
import { may, Needs } from '../session/rights.tsx'
import { t } from '../texts/index.ts'
import { Copy } from '../ui/code.tsx'
import { Danger } from '../ui/dialog.tsx'
import { useLoaded } from '../ui/loaded.ts'
import { When } from '../ui/times.tsx'
import { toast } from '../ui/toasts.tsx'
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
  /** When it signs or began to, of a key that the server made. */
  signsFrom?: number
  /** When its last token ends, of one that does not sign any more. */
  retires?: number
}

interface OwnKeys {
  keys: OwnKey[]
  /** How the server rotates by itself, if it does. */
  rotation?: { everyDays: number; overlapDays: number; next?: number }
}

/** Days that a new key is published before it signs, where the configuration says nothing. */
const OVERLAP_DAYS = 2
const MOST_DAYS = 30

const KINDS = { current: 'good', next: 'plain', retiring: 'warn' } as const

export function SigningKeys() {
  const words = t().signingKeys
  const loaded = useLoaded(() => call<OwnKeys>('GET', KEYS), [])
  const keys = loaded.data?.keys
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
              <One key={key.kid} of={key} changed={loaded.reload} />
            ))}
          </ul>
          {keys.every(({ source }) => source === 'store') ? <Rotation of={loaded.data} changed={loaded.reload} /> : <NextSteps keys={keys} />}
        </>
      )}
    </section>
  )
}

function One({ of, changed }: { of: OwnKey; changed: () => void }) {
  const { kid, alg, crv, kty, state, source, firstSeen, signsFrom, retires } = of
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
        {state === 'next' && signsFrom !== undefined && (
          <span class="quiet">
            {words.signsFrom} <When at={signsFrom} />
          </span>
        )}
        {state === 'retiring' && retires !== undefined && (
          <span class="quiet">
            {words.retires} <When at={retires} />
          </span>
        )}
      </div>
      <span class="badges">
        <Badge kind={KINDS[state]}>{words.states[state].label}</Badge>
      </span>
      <Copy text={kid} what={kid} />
      {source === 'store' && state !== 'current' && may('trust') && <Withdraw of={of} changed={changed} />}
    </li>
  )
}

function Withdraw({ of: { kid, state }, changed }: { of: OwnKey; changed: () => void }) {
  const words = t().signingKeys.withdraw
  const act = async () => {
    await call('DELETE', `${KEYS}/${encodeURIComponent(kid)}`)
    toast(words.done)
    changed()
  }
  return <Danger small label={words.label} describe={words.describe(kid)} title={words.title} question={<p>{state === 'next' ? words.unused : words.used}</p>} confirm={words.label} act={act} />
}

/** Keys that the server made are rotated here. */
function Rotation({ of: { keys, rotation } = { keys: [] }, changed }: { of: OwnKeys | undefined; changed: () => void }) {
  const words = t().signingKeys.rotation
  const [days, setDays] = useState(rotation?.overlapDays ?? OVERLAP_DAYS)
  const act = async () => {
    await call('POST', `${KEYS}/rotate`, { overlapDays: days })
    toast(words.done)
    changed()
  }
  const question = (
    <>
      <p>{words.about}</p>
      <label>
        {words.days}
        <input type="number" min={0} max={MOST_DAYS} value={days} onInput={(event) => setDays(event.currentTarget.valueAsNumber)} />
        <small>{days === 0 ? words.atOnce : words.daysHint}</small>
      </label>
    </>
  )
  return (
    <>
      <p class="hint">
        {rotation === undefined ? <Ticked text={words.byHand} /> : words.byItself(rotation.everyDays)}
        {rotation?.next !== undefined && (
          <>
            {' '}
            {words.next} <When at={rotation.next} />.
          </>
        )}
      </p>
      {keys.some(({ state }) => state === 'next') ? (
        <p>{words.underWay}</p>
      ) : (
        <Needs right="trust">
          <Danger quiet prominent={false} label={words.label} title={words.title} question={question} confirm={words.confirm} act={act} />
        </Needs>
      )}
    </>
  )
}

/** What to do to rotate. The keys of a document are changed there; nothing here can do it. */
function NextSteps({ keys }: { keys: OwnKey[] }) {
  const words = t().signingKeys
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
