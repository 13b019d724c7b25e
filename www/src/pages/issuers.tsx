import { ISSUERS } from '../api.ts'
import type { IssuerSummary } from '../model.ts'
import { Badge } from '../ui/words.tsx'
import { byName, InConfiguration, List } from './list.tsx'

export const Issuers = () => (
  <List<IssuerSummary>
    title="Trusted token issuers"
    about="The issuers whose tokens are exchanged for yours: a CI system, a cloud, a partner’s identity provider."
    place="issuers"
    add="Add an issuer"
    search="Search by name"
    nothingFound={(search) => `No issuer has “${search}” in its name.`}
    empty={{ title: 'No issuer yet', about: 'Register an issuer, and its tokens can be exchanged. There are presets for GitHub Actions, GitLab, Kubernetes, AWS and fourteen more.' }}
    load={byName(ISSUERS, 'identityProviders')}
    row={(issuer) => ({
      name: issuer.name,
      detail: <span class="mono quiet">{issuer.issuer}</span>,
      badges: (
        <>
          <KeyState of={issuer} />
          <InConfiguration of={issuer} />
        </>
      ),
    })}
  />
)

const STATES: Record<string, ['good' | 'bad' | 'warn' | 'plain', string]> = {
  fresh: ['good', 'keys fresh'],
  stale: ['warn', 'keys stale'],
  unavailable: ['bad', 'keys unavailable'],
  broken: ['bad', 'broken'],
  unused: ['plain', 'keys not needed yet'],
  configured: ['plain', 'keys registered'],
}

/** The states that need attention, and what each means. */
const WARNINGS: Record<string, string> = {
  stale: 'The last attempt to fetch the keys failed. The old keys stay in use for up to a day.',
  unavailable: 'The keys are unavailable: its tokens are answered with status 503. Test the keys on the page of the issuer, or register certificates.',
  broken: 'The record of this issuer in the store cannot be read.',
}

export const warningOf = ({ isEnabled, keyState }: IssuerSummary) => (isEnabled ? WARNINGS[keyState ?? ''] : undefined)

/** Whether an issuer is enabled, and the state of its keys. */
export function KeyState({ of: { isEnabled, keyState } }: { of: IssuerSummary }) {
  if (!isEnabled) return <Badge kind="warn">disabled</Badge>
  const [kind, label] = STATES[keyState ?? ''] ?? ['plain', 'enabled']
  return <Badge kind={kind}>{label}</Badge>
}
