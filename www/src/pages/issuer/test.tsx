/** Tests keys before they are saved. */
import { useState } from 'preact/hooks'

import { call, ISSUERS } from '../../api.ts'
import { Fold } from '../../ui/groups.tsx'
import { Badge, ErrorNotice, Notice, Ticked, When } from '../../ui/words.tsx'

interface Tried {
  url: string | null
  problem?: string
  remedy?: string
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

/** Asks the server which of these keys it would use. */
export function Test({ subject }: { subject: () => unknown }) {
  const [state, setState] = useState<{ busy?: boolean; tried?: Tried; error?: unknown }>({})
  const test = async () => {
    setState({ busy: true })
    try {
      setState({ tried: await call<Tried>('POST', `${ISSUERS}/check`, subject()) })
    } catch (error) {
      setState({ error })
    }
  }
  return (
    <div class="test">
      <button type="button" class="outline small" aria-busy={state.busy} onClick={() => void test()}>
        Test these keys
      </button>
      <div aria-live="polite">
        <ErrorNotice error={state.error} />
        {state.tried !== undefined && <Outcome tried={state.tried} />}
      </div>
    </div>
  )
}

function Outcome({ tried }: { tried: Tried }) {
  const used = tried.keys.filter((key) => key.algorithms.length > 0).length
  if (tried.problem !== undefined) {
    return (
      <Notice kind="bad" title="No keys">
        <p>
          <Ticked text={tried.problem} />
        </p>
        {tried.remedy !== undefined && (
          <p>
            <Ticked text={tried.remedy} />
          </p>
        )}
      </Notice>
    )
  }
  return (
    <Notice kind={used > 0 ? 'good' : 'warn'} title={used === 1 ? 'One key would be used' : `${used} keys would be used`}>
      {tried.url !== null && (
        <p class="mono">{tried.url}</p>
      )}
      <ul class="keys">
        {tried.keys.map((key) => (
          <One key={key.thumbprint} {...key} />
        ))}
      </ul>
      {tried.skipped.length > 0 && (
        <Fold title={`${tried.skipped.length} left out`}>
          <ul>
            {tried.skipped.map((why) => (
              <li key={why}>
                <Ticked text={why} />
              </li>
            ))}
          </ul>
        </Fold>
      )}
    </Notice>
  )
}

function One({ kid, kty, crv, thumbprint, algorithms, notBefore = 0, notAfter }: TriedKey) {
  return (
    <li>
      <span class="mono">{kid ?? `${thumbprint.slice(0, 12)}…`}</span> {kty}
      {crv === undefined ? '' : ` ${crv}`} {algorithms.length > 0 ? <Badge kind="good">{algorithms.join(', ')}</Badge> : <Badge kind="warn">not used</Badge>}
      {notAfter !== undefined && (
        <small class="quiet">
          {' '}
          valid <When at={notBefore} /> to <When at={notAfter} />
        </small>
      )}
    </li>
  )
}
