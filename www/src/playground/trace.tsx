/** The decision, check by check: what was compared, the result, and where to change it. */
import { type About, aboutOf } from '../about.ts'
import type { Check, Explanation } from '../model.ts'
import { explained } from '../reasons.ts'
import { t } from '../texts/index.ts'
import { Notice, OfServer, sentence, Ticked } from '../ui/words.tsx'

/** Where the result of a check can be changed. */
export type Place = (about: About) => { href?: string; act?: () => void; label: string } | undefined

const MARKS = { pass: '✓', fail: '✗', audit: '!', unavailable: '?' } as const

/** The part of an explanation that says why. */
export type Said = Pick<Explanation, 'granted' | 'status'> & { error?: string; error_description?: string; cause?: string; remedy?: string; reason?: string }

export function Verdict({ said, place, there }: { said: Said; place: Place; there: boolean }) {
  const about = said.reason === undefined ? undefined : aboutOf(said.reason)
  const where = about === undefined ? undefined : place(about)
  const known = said.reason === undefined ? undefined : explained(said.reason, there)
  const words = t().trace
  if (said.granted) {
    return (
      <Notice kind="good" title={words.granted}>
        <p>{words.grantedAbout}</p>
      </Notice>
    )
  }
  return (
    <Notice kind="bad" title={words.refused(said.error ?? '', said.status)}>
      <p>
        <OfServer text={sentence(said.error_description ?? '')} />
      </p>
      <dl class="why">
        <div>
          <dt>{words.cause}</dt>
          <dd>
            <Ticked text={known?.cause ?? said.cause ?? ''} />
          </dd>
        </div>
        <div>
          <dt>{words.remedy}</dt>
          <dd>
            <Ticked text={known?.remedy ?? said.remedy ?? ''} />
          </dd>
        </div>
        <div>
          <dt>{words.reason}</dt>
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
            <span class="outcome" role="img" aria-label={t().trace.outcomes[check.outcome]}>
              {MARKS[check.outcome]}
            </span>
            <div>
              <strong>{about.label}</strong> <span class="mono quiet">{check.code}</span>
              {check.detail !== undefined && (
                <p>
                  <OfServer text={check.detail} />
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
  const words = prominent ? t().trace.change(where.label) : where.href === undefined ? where.label : t().trace.changeIn(where.label)
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
