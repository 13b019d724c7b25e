/** The decision: the verdict, the trace, and the tokens side by side. */
import type { Explanation } from '../model.ts'
import { Code } from '../ui/code.tsx'
import { Notice, When } from '../ui/words.tsx'
import { compared } from './compared.ts'
import { pretty } from './draft.ts'
import { decoded } from './jwt.ts'
import type { Outcome } from './run.ts'
import { type Place, Trace, Verdict } from './trace.tsx'

export function Decision({ outcome, place, there }: { outcome: Outcome; place: Place; there: boolean }) {
  const { said, token, grant, stood } = outcome
  return (
    <>
      <h2>Decision</h2>
      <Verdict said={said} place={place} />
      {stood && (
        <Notice kind="info">
          <p>The token was signed with a key of this page, which replaced the issuer’s keys.</p>
        </Notice>
      )}
      {said.reason?.includes('key.unavailable') === true && !there && (
        <Notice kind="warn">
          <p>This page cannot fetch keys. Paste the issuer’s key set above, or make a token here.</p>
        </Notice>
      )}
      <Trace checks={compared(said.checks, token, grant)} place={place} />
      <Side token={token} said={said} />
    </>
  )
}

/** The subject token beside the token that would be issued. */
function Side({ token, said }: { token: string; said: Explanation }) {
  const { header, payload } = decoded(token)
  const seen = [header, payload].filter((part) => part !== undefined)
  return (
    <div class="side">
      <section aria-label="Subject token">
        <h2>In: the subject token</h2>
        {seen.length === 0 ? <p class="quiet">The token is not a JWT.</p> : <Code label="Subject token, decoded" text={seen.map(pretty).join('\n')} />}
        {payload !== undefined && <Times claims={payload} />}
      </section>
      <section aria-label="Issued token">
        <h2>Out: the token that would be issued</h2>
        {said.issued === undefined ? <p class="quiet">Nothing.</p> : <Issued {...said.issued} />}
      </section>
    </div>
  )
}

function Issued({ claims, reply, refreshToken }: NonNullable<Explanation['issued']>) {
  const members = Object.entries(reply).map(([name, value]) => `${name} ${String(value)}`)
  return (
    <>
      <Code label="Issued token, decoded" text={pretty(claims)} />
      <Times claims={claims} />
      <p class="quiet">
        Reply: {members.join(' · ')}
        {refreshToken ? ' · with a refresh token' : ''}
      </p>
    </>
  )
}

const TIMES = { iat: 'issued', nbf: 'not before', exp: 'expires' }

/** The seconds of a token as times of day. */
function Times({ claims }: { claims: Record<string, unknown> }) {
  const there = Object.entries(TIMES).filter(([name]) => typeof claims[name] === 'number')
  if (there.length === 0) return null
  return (
    <p class="quiet">
      {there.map(([name, word], index) => (
        <>
          {index > 0 && ' · '}
          {word} <When at={claims[name] as number} exact />
        </>
      ))}
    </p>
  )
}
