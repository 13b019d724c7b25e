import { APPLICATIONS } from '../api.ts'
import type { ApplicationSummary } from '../model.ts'
import { t } from '../texts/index.ts'
import { Badge } from '../ui/words.tsx'
import { InConfiguration, List, sourceOf } from './list.tsx'

const source = sourceOf<ApplicationSummary>(APPLICATIONS, 'applications')

export function Applications() {
  const { applications, list } = t()
  return (
    <List<ApplicationSummary>
      words={applications}
      place="applications"
      source={source}
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
