import { APPLICATIONS } from '../api.ts'
import type { ApplicationSummary } from '../model.ts'
import { Badge } from '../ui/words.tsx'
import { byName, InConfiguration, List } from './list.tsx'

export const Applications = () => (
  <List<ApplicationSummary>
    title="Applications"
    about="The clients that may exchange tokens: of which issuers, and for what."
    place="applications"
    add="Add an application"
    search="Search by name"
    nothingFound={(search) => `No application has “${search}” in its name.`}
    empty={{ title: 'No application yet', about: 'An application has credentials, the grants it may use, and the issuers whose tokens it may exchange.' }}
    load={byName(APPLICATIONS, 'applications')}
    row={(application) => ({
      name: application.name,
      detail: <span class="mono quiet">{application.clientId}</span>,
      badges: (
        <>
          <Badge kind="plain">{application.type}</Badge>
          <InConfiguration of={application} />
        </>
      ),
    })}
  />
)
