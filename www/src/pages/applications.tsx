/** The applications, all or those that allow an issuer. */
import { useMemo } from 'preact/hooks'

import { APPLICATIONS, ISSUERS, upTo } from '../api.ts'
import type { ApplicationSummary, IssuerSummary } from '../model.ts'
import { route } from '../route.ts'
import { t } from '../texts/index.ts'
import { useLoaded } from '../ui/loaded.ts'
import { Badge } from '../ui/words.tsx'
import { InConfiguration, List, sourceOf } from './list.tsx'
import { using } from './usage.tsx'

/** More issuers are not offered to choose from; the page of an issuer leads to its applications. */
const MOST_ISSUERS = 200

export function Applications() {
  const { applications, list } = t()
  const issuer = route.value.query.get('issuer') ?? ''
  const source = useMemo(() => sourceOf<ApplicationSummary>(APPLICATIONS, 'applications', issuer === '' ? undefined : using(issuer)), [issuer])
  const issuers = useLoaded(async () => (await upTo<IssuerSummary>(MOST_ISSUERS, ISSUERS, 'identityProviders')) ?? [], [])
  const names = new Set([...(issuer === '' ? [] : [issuer]), ...(issuers.data ?? []).map(({ name }) => name)])
  return (
    <List<ApplicationSummary>
      key={issuer}
      words={applications}
      place="applications"
      source={source}
      filter={{
        name: 'issuer',
        value: issuer,
        label: applications.byIssuer,
        options: [{ value: '', label: applications.everyIssuer }, ...[...names].sort().map((value) => ({ value, label: value }))],
        nothing: applications.nothingAllows(issuer),
      }}
      sorts={[
        { value: 'name', label: list.byName, by: ({ name }) => name },
        { value: 'client', label: applications.byClientId, by: ({ clientId }) => clientId },
        { value: 'type', label: applications.byType, by: ({ type, name }) => `${type} ${name}` },
      ]}
      text={({ name, clientId, description }) => `${name} ${clientId} ${description}`}
      row={(application) => ({
        name: application.name,
        detail: <span class="mono quiet">{application.clientId}</span>,
        badges: (
          <>
            <Badge kind="plain">{applications.types[application.type as 'web'] ?? application.type}</Badge>
            <InConfiguration of={application} />
          </>
        ),
      })}
    />
  )
}
