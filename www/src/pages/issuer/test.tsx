/** Tests keys before they are saved. */
import { useState } from 'preact/hooks'

import { call, ISSUERS } from '../../api.ts'
import { explained } from '../../reasons.ts'
import { may } from '../../session/rights.tsx'
import { t } from '../../texts/index.ts'
import { Fold } from '../../ui/groups.tsx'
import { seconds, When } from '../../ui/times.tsx'
import { Badge, ErrorNotice, Notice, OfServer, sentence, Ticked } from '../../ui/words.tsx'

interface Tried {
  url: string | null
  problem?: string
  remedy?: string
  reason?: string
  skipped: string[]
  keys: TriedKey[]
}

interface TriedKey {
  kid?: string | null
  kty: string
  crv?: string
  thumbprint: string
  /** The algorithms that the key would be used with. */
  algorithms: string[]
  notBefore?: number
  notAfter?: number
}

/** Keys that do not depend on the issuer can be tested before it has a name. */
const UNNAMED = 'https://issuer.invalid'

interface Outcome {
  /** What was tested, as JSON. */
  of: string
  tried?: Tried
  error?: unknown
}

/** Asks the server which of these keys it would use. The answer is shown for as long as it is about what stands in the form. */
export function Test({ subject }: { subject: () => Record<string, unknown> }) {
  const [outcome, setOutcome] = useState<Outcome>()
  const [busy, setBusy] = useState(false)
  const { name: _, description: __, ...now } = subject()
  const of = JSON.stringify(now)
  const test = async () => {
    setBusy(true)
    const discovers = (now['certificate'] as { discovery?: boolean }).discovery === true
    const issuer = now['issuer'] === '' && !discovers ? UNNAMED : now['issuer']
    try {
      setOutcome({ of, tried: await call<Tried>('POST', `${ISSUERS}/check`, { ...now, issuer }) })
    } catch (error) {
      setOutcome({ of, error })
    } finally {
      setBusy(false)
    }
  }
  const shown = outcome?.of === of ? outcome : undefined
  // The server would fetch from where the form says.
  if (!may('trust')) return null
  return (
    <div class="test">
      <button type="button" class="outline small" aria-busy={busy} onClick={() => void test()}>
        {t().keys.test}
      </button>
      <div aria-live="polite">
        <ErrorNotice error={shown?.error} />
        {shown?.tried !== undefined && <Tested tried={shown.tried} />}
      </div>
    </div>
  )
}

/** Each key once, however often it is listed. */
function distinct(keys: TriedKey[]): TriedKey[] {
  return [...new Map(keys.map((key) => [key.thumbprint, key])).values()]
}

function Tested({ tried }: { tried: Tried }) {
  const words = t().keys
  const keys = distinct(tried.keys)
  const used = keys.filter((key) => key.algorithms.length > 0).length
  if (tried.problem !== undefined) {
    return (
      <Notice kind="bad" title={words.noKeys}>
        <p>
          <OfServer text={sentence(tried.problem)} />
        </p>
        <p>
          <Ticked text={explained(tried.reason ?? '')?.remedy ?? tried.remedy ?? words.notReached} />
        </p>
      </Notice>
    )
  }
  return (
    <Notice kind={used > 0 ? 'good' : 'warn'} title={words.used(used)}>
      {tried.url !== null && <p class="mono">{tried.url}</p>}
      {keys.length < tried.keys.length && <p>{words.twice}</p>}
      <ul class="keys">
        {keys.map((key) => (
          <One key={key.thumbprint} {...key} />
        ))}
      </ul>
      {tried.skipped.length > 0 && (
        <Fold title={words.skipped(tried.skipped.length)}>
          <ul>
            {tried.skipped.map((why) => (
              <li key={why}>
                <OfServer text={why} />
              </li>
            ))}
          </ul>
        </Fold>
      )}
    </Notice>
  )
}

function One({ kid, kty, crv, thumbprint, algorithms, notBefore = 0, notAfter }: TriedKey) {
  const words = t().keys
  const isPast = notAfter !== undefined && notAfter < seconds()
  return (
    <li>
      <span class="mono">{kid ?? `${thumbprint.slice(0, 12)}…`}</span> {kty}
      {crv === undefined ? '' : ` ${crv}`}{' '}
      <span class="badges">
        {algorithms.map((alg) => (
          <Badge key={alg} kind="good">
            {alg}
          </Badge>
        ))}
        {algorithms.length === 0 && <Badge kind="warn">{isPast ? words.validity.expired : words.notUsed}</Badge>}
      </span>
      {notAfter !== undefined && (
        <small class="quiet">
          {words.validFrom} <When at={notBefore} precision="day" alone /> {words.until} <When at={notAfter} precision="day" />
        </small>
      )}
    </li>
  )
}
