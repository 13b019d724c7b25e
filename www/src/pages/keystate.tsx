/** The state of an issuer's keys: what the server says of it, and when its certificates end. */
import { useEffect, useState } from 'preact/hooks'

import { call, ISSUERS } from '../api.ts'
import { type Certified, lastOf, type Validity } from '../certificate.ts'
import type { Issuer, IssuerSummary } from '../model.ts'
import { t } from '../texts/index.ts'
import { seconds, When } from '../ui/times.tsx'
import { Badge, Ticked } from '../ui/words.tsx'

/** What the certificates of an issuer say. */
export interface Last {
  validity: Validity
  certified: Certified
}

/** By the id of the issuer. */
export type Certificates = Record<string, Last>

/** More issuers are not asked about at once. */
const MOST = 100

/** Reads the certificates of the issuers that have keys entered by hand. */
export function useCertificates(issuers: IssuerSummary[]): Certificates {
  const [known, setKnown] = useState<Certificates>({})
  const ids = issuers.filter(({ isEnabled, keyState }) => isEnabled && keyState === 'configured').map(({ id }) => id).slice(0, MOST)
  useEffect(() => {
    const read = async (id: string) => {
      // What cannot be read is not shown; the list itself says what is wrong.
      const issuer = await call<Issuer>('GET', `${ISSUERS}/${encodeURIComponent(id)}`).catch(() => undefined)
      const last = lastOf(issuer?.certificate.certificates ?? [], seconds())
      if (last !== undefined) setKnown((before) => ({ ...before, [id]: last }))
    }
    ids.forEach((id) => void read(id))
  }, [ids.join()])
  return known
}

type Kind = 'good' | 'bad' | 'warn' | 'plain'

const KINDS: Record<string, Kind> = { fresh: 'good', stale: 'warn', unavailable: 'bad', broken: 'bad', unused: 'plain', configured: 'plain' }
const VALIDITIES: Record<Validity, Kind> = { valid: 'plain', expiring: 'warn', expired: 'bad', early: 'bad' }

/** Whether an issuer is enabled, and the state of its keys. */
export function KeyState({ of: { isEnabled, keyState = '' }, last }: { of: IssuerSummary; last?: Last | undefined }) {
  const { keys } = t()
  if (!isEnabled) return <Badge kind="warn">{keys.disabled}</Badge>
  if (last !== undefined && last.validity !== 'valid') return <Badge kind={VALIDITIES[last.validity]}>{keys.validity[last.validity]}</Badge>
  return <Badge kind={KINDS[keyState] ?? 'plain'}>{keys.states[keyState as 'fresh'] ?? keys.enabled}</Badge>
}

/** States that need attention first. */
export function urgency({ isEnabled, keyState = '' }: IssuerSummary): string {
  return !isEnabled ? '3' : { bad: '0', warn: '1', good: '4', plain: '2' }[KINDS[keyState] ?? 'plain']
}

/** What the state means, where it needs attention. */
export function KeyWarning({ of: { isEnabled, keyState = '' }, last }: { of: IssuerSummary; last?: Last | undefined }) {
  const { keys } = t()
  if (!isEnabled) return null
  const warning = keys.warnings[keyState as 'stale']
  if (warning !== undefined) return <span>{warning}</span>
  return last === undefined ? null : <Span {...last} />
}

/** Whose a certificate is, when it is valid, and what that means. */
export function Span({ validity, certified, consequence = t().keys.consequence }: Last & { consequence?: Record<Validity, string> }) {
  const { keys } = t()
  return (
    <span class="certified">
      <strong>{certified.subject}</strong> · {keys.validFrom} <When at={certified.notBefore} precision="day" alone /> {keys.until} <When at={certified.notAfter} precision="day" />
      {validity !== 'valid' && (
        <span class={VALIDITIES[validity] === 'bad' ? 'wrong' : 'worrying'}>
          {' '}
          <Ticked text={consequence[validity]} />
        </span>
      )}
    </span>
  )
}
