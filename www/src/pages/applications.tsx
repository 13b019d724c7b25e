import { useState } from 'preact/hooks'

import { APPLICATIONS, list } from '../api.ts'
import type { ApplicationSummary } from '../model.ts'
import { to } from '../route.ts'
import { useLoaded } from '../ui/loaded.ts'
import { Badge, Empty, ErrorNotice, Heading, Loading } from '../ui/words.tsx'
import { NothingFound, Pager, Search } from './list.tsx'

const LIMIT = 20

export function Applications() {
  const [search, setSearch] = useState('')
  const [offset, setOffset] = useState(0)
  const { data, error, reload } = useLoaded(() => {
    const filter: Record<string, string> = search === '' ? {} : { filter: `name co ${JSON.stringify(search)}` }
    return list<ApplicationSummary>(APPLICATIONS, 'applications', { limit: String(LIMIT), offset: String(offset), ...filter })
  }, [search, offset])
  const isEmpty = data?.items.length === 0 && search === ''
  const look = (text: string) => (setSearch(text), setOffset(0))
  return (
    <>
      <Heading title="Applications" about="Who may exchange tokens, of whom, and for what.">
        {!isEmpty && (
          <a class="button" href={to('applications', 'new')}>
            Add an application
          </a>
        )}
      </Heading>
      <ErrorNotice error={error} onRetry={reload} />
      {data !== undefined && (data.totalResults > 0 || search !== '') && <Search label="Search by name" value={search} onSearch={look} />}
      {data === undefined && error === undefined && <Loading what="applications" />}
      {data?.items.length === 0 &&
        (search === '' ? (
          <Empty title="No application yet">
            <p>An application has credentials, the grants it may use, and the issuers whose tokens it may bring.</p>
            <a class="button" href={to('applications', 'new')}>
              Add an application
            </a>
          </Empty>
        ) : (
          <NothingFound onAll={() => look('')}>{`No application has “${search}” in its name.`}</NothingFound>
        ))}
      {data !== undefined && data.items.length > 0 && (
        <ul class="cards">
          {data.items.map((application) => (
            <li key={application.id}>
              <a href={to('applications', application.id)}>
                <span class="name">{application.name}</span>
                <span class="mono quiet">{application.clientId}</span>
              </a>
              <span class="badges">
                <Badge kind="plain">{application.type}</Badge>
                {application.readOnly && <Badge kind="plain">in the configuration</Badge>}
              </span>
            </li>
          ))}
        </ul>
      )}
      {data !== undefined && <Pager total={data.totalResults} offset={offset} limit={LIMIT} onOffset={setOffset} />}
    </>
  )
}
