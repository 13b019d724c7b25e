/** The decision, check by check: what was compared, how it came out, where to change it. */
import type { Check, Explanation } from '../model.ts'
import { Notice, Ticked } from '../ui/words.tsx'

/** What a check is about, and the field that decides it. */
export interface About {
  label: string
  of?: 'issuer' | 'application' | 'user'
  field?: string
}

/** By the beginning of the code; of a token's checks without the parameter's name. */
const ABOUT: [RegExp, About][] = [
  [/^client/, { label: 'Which application', of: 'application' }],
  [/^grant_type/, { label: 'Grant type', of: 'application', field: 'grantTypes' }],
  [/^shape/, { label: 'Shape of the token' }],
  [/^type/, { label: 'Declared token type' }],
  [/^header/, { label: 'Header' }],
  [/^claims?\.(missing|wrong_type)|^claims$/, { label: 'Required claims' }],
  [/^issuer\.not_allowed/, { label: 'Issuer allowed', of: 'application', field: 'trustedTokenIssuers' }],
  [/^issuer\.disabled/, { label: 'Issuer enabled', of: 'issuer', field: 'isEnabled' }],
  [/^issuer/, { label: 'Issuer', of: 'issuer', field: 'issuer' }],
  [/^allowed/, { label: 'Issuer allowed', of: 'application', field: 'trustedTokenIssuers' }],
  [/^algorithm/, { label: 'Algorithm', of: 'issuer', field: 'algorithms' }],
  [/^key|^signature/, { label: 'Signature', of: 'issuer', field: 'certificate' }],
  [/^claim\.iat\.too_old/, { label: 'Age', of: 'issuer', field: 'maxTokenAgeSeconds' }],
  [/^claim\.(exp|nbf|iat)/, { label: 'Times', of: 'issuer', field: 'clockSkewSeconds' }],
  [/^claim\.aud/, { label: 'Audience of the token', of: 'issuer', field: 'alias' }],
  [/^condition/, { label: 'Condition', of: 'issuer', field: 'conditions' }],
  [/^replay/, { label: 'Used once', of: 'issuer', field: 'replayProtection' }],
  [/^account\.(link|lookup|ambiguous)/, { label: 'Linked account', of: 'application', field: 'subject' }],
  [/^account\.subject/, { label: 'Linked account', of: 'application', field: 'subject' }],
  [/^account/, { label: 'Local account', of: 'user' }],
  [/^delegation/, { label: 'Delegation', of: 'application', field: 'delegation' }],
  [/^target\.scope|^scope/, { label: 'Scope', of: 'application', field: 'scopes' }],
  [/^target\.lifetime/, { label: 'Lifetime', of: 'application', field: 'accessToken' }],
  [/^target/, { label: 'Audience asked for', of: 'application', field: 'audiences' }],
]

export function aboutOf(code: string): About {
  const bare = code.replace(/^(subject_token|actor_token|assertion|client_assertion|refresh_token)\./, '')
  return ABOUT.find(([pattern]) => pattern.test(bare))?.[1] ?? { label: bare.replaceAll(/[._]/g, ' ') }
}

/** Where a check's answer can be changed. */
export type Place = (about: About) => { href?: string; act?: () => void; label: string } | undefined

const MARKS = { pass: '✓', fail: '✗', audit: '!', unavailable: '?' } as const
const WORDS = { pass: 'holds', fail: 'does not hold', audit: 'audit only: would not hold', unavailable: 'could not be decided' } as const

export function Verdict({ said, place }: { said: Explanation; place: Place }) {
  const about = said.reason === undefined ? undefined : aboutOf(said.reason)
  const where = about === undefined ? undefined : place(about)
  if (said.granted) {
    return (
      <Notice kind="good" title="Granted">
        <p>A token would be issued. Nothing was minted and nothing was stored.</p>
      </Notice>
    )
  }
  return (
    <Notice kind="bad" title={`Refused: ${said.error ?? ''} (${said.status})`}>
      <p>
        <Ticked text={said.error_description ?? ''} />
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
