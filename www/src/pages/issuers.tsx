import { useState } from 'preact/hooks'

import { ISSUERS } from '../api.ts'
import type { IssuerSummary } from '../model.ts'
import { t } from '../texts/index.ts'
import { KeyState, urgency, useCertificates } from './keystate.tsx'
import { InConfiguration, List, sourceOf } from './list.tsx'

const source = sourceOf<IssuerSummary>(ISSUERS, 'identityProviders')

export function Issuers() {
  const { issuers, list } = t()
  const [shown, setShown] = useState<IssuerSummary[]>([])
  const certificates = useCertificates(shown)
  return (
    <List<IssuerSummary>
      words={issuers}
      place="issuers"
      source={source}
      sorts={[
        { value: 'name', label: list.byName, by: ({ name }) => name },
        { value: 'issuer', label: issuers.byIssuer, by: ({ issuer }) => issuer },
        { value: 'keys', label: issuers.byKeys, by: (issuer) => `${urgency(issuer)} ${issuer.name}` },
      ]}
      text={({ name, issuer, description }) => `${name} ${issuer} ${description}`}
      onShown={setShown}
      row={(issuer) => ({
        name: issuer.name,
        detail: <span class="mono quiet">{issuer.issuer}</span>,
        badges: (
          <>
            <KeyState of={issuer} last={certificates[issuer.id]} />
            <InConfiguration of={issuer} />
          </>
        ),
      })}
    />
  )
}
