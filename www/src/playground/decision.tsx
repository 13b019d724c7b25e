/** The decision: the verdict, the trace, and the tokens side by side. */
import type { Explanation } from '../model.ts'
import { t } from '../texts/index.ts'
import { Code } from '../ui/code.tsx'
import { When } from '../ui/times.tsx'
import { Notice } from '../ui/words.tsx'
import { compared } from './compared.ts'
import { pretty } from './draft.ts'
import { decoded } from './jwt.ts'
import type { Outcome } from './run.ts'
import { type Place, Trace, Verdict } from './trace.tsx'

export function Decision({ outcome, place, there }: { outcome: Outcome; place: Place; there: boolean }) {
  const { said, token, grant, stood } = outcome
  const words = t().decision
  return (
    <>
      <h2>{words.title}</h2>
      <Verdict said={said} place={place} there={there} />
      {stood && (
        <Notice kind="info">
          <p>{words.stood}</p>
        </Notice>
      )}
      {said.reason?.includes('key.unavailable') === true && !there && (
        <Notice kind="warn">
          <p>{words.cannotFetch}</p>
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
  const words = t().decision
  return (
    <div class="side">
      <section aria-label={words.subject}>
        <h2>{words.in}</h2>
        {seen.length === 0 ? <p class="quiet">{words.noJwt}</p> : <Code label={words.subjectDecoded} text={seen.map(pretty).join('\n')} />}
        {payload !== undefined && <Times claims={payload} />}
      </section>
      <section aria-label={words.issued}>
        <h2>{words.out}</h2>
        {said.issued === undefined ? <p class="quiet">{words.nothing}</p> : <Issued {...said.issued} />}
      </section>
    </div>
  )
}

function Issued({ claims, reply, refreshToken }: NonNullable<Explanation['issued']>) {
  const members = Object.entries(reply).map(([name, value]) => `${name} ${String(value)}`)
  const words = t().decision
  return (
    <>
      <Code label={words.issuedDecoded} text={pretty(claims)} />
      <Times claims={claims} />
      <p class="quiet">
        {words.reply} {members.join(' · ')}
        {refreshToken ? ` · ${words.withRefresh}` : ''}
      </p>
    </>
  )
}

const TIMES = ['iat', 'nbf', 'exp'] as const

/** The seconds of a token as times of day. */
function Times({ claims }: { claims: Record<string, unknown> }) {
  const there = TIMES.filter((name) => typeof claims[name] === 'number')
  if (there.length === 0) return null
  return (
    <p class="quiet">
      {there.map((name, index) => (
        <>
          {index > 0 && ' · '}
          {t().decision.times[name]} <When at={claims[name] as number} precision="second" />
        </>
      ))}
    </p>
  )
}
