/** The decision, check by check: what was compared, the result, and where to change it. */
import { type About, aboutOf } from '../about.ts'
import type { Check, Explanation } from '../model.ts'
import { Notice, sentence, Ticked } from '../ui/words.tsx'

/** Where the result of a check can be changed. */
export type Place = (about: About) => { href?: string; act?: () => void; label: string } | undefined

const MARKS = { pass: '✓', fail: '✗', audit: '!', unavailable: '?' } as const
const WORDS = { pass: 'passed', fail: 'failed', audit: 'audit only: would have failed', unavailable: 'could not be decided' } as const

export function Verdict({ said, place }: { said: Explanation; place: Place }) {
  const about = said.reason === undefined ? undefined : aboutOf(said.reason)
  const where = about === undefined ? undefined : place(about)
  if (said.granted) {
    return (
      <Notice kind="good" title="Granted">
        <p>A token would be issued. Nothing was issued now, and nothing was stored.</p>
      </Notice>
    )
  }
  return (
    <Notice kind="bad" title={`Refused: ${said.error ?? ''} (${said.status})`}>
      <p>
        <Ticked text={sentence(said.error_description ?? '')} />
      </p>
      <dl class="why">
        <div>
          <dt>Cause</dt>
          <dd>
            <Ticked text={said.cause ?? ''} />
          </dd>
        </div>
        <div>
          <dt>Remedy</dt>
          <dd>
            <Ticked text={said.remedy ?? ''} />
          </dd>
        </div>
        <div>
          <dt>Reason</dt>
          <dd class="mono">{said.reason}</dd>
        </div>
      </dl>
      {where !== undefined && (
        <p class="actions">
          <Go where={where} prominent />
        </p>
      )}
    </Notice>
  )
}

export function Trace({ checks, place }: { checks: Check[]; place: Place }) {
  return (
    <ol class="trace">
      {checks.map((check, index) => {
        const about = aboutOf(check.code)
        const where = place(about)
        return (
          <li key={index} class={check.outcome}>
            <span class="outcome" role="img" aria-label={WORDS[check.outcome]}>
              {MARKS[check.outcome]}
            </span>
            <div>
              <strong>{about.label}</strong> <span class="mono quiet">{check.code}</span>
              {check.detail !== undefined && (
                <p>
                  <Ticked text={check.detail} />
                </p>
              )}
            </div>
            {where !== undefined && <Go where={where} />}
          </li>
        )
      })}
    </ol>
  )
}

function Go({ where, prominent = false }: { where: { href?: string; act?: () => void; label: string }; prominent?: boolean }) {
  const words = prominent ? `Change it: ${where.label}` : where.href === undefined ? where.label : `change in ${where.label}`
  if (where.href !== undefined) {
    return (
      <a class={prominent ? 'button' : 'where'} href={where.href}>
        {words}
      </a>
    )
  }
  return (
    <button type="button" class={prominent ? '' : 'where outline secondary small'} onClick={where.act}>
      {words}
    </button>
  )
}
