import { useState } from 'preact/hooks'

import { call, USERS } from '../api.ts'
import type { User } from '../model.ts'
import { to } from '../route.ts'
import { useLoaded } from '../ui/loaded.ts'
import { Badge, Empty, ErrorNotice, Heading, Loading } from '../ui/words.tsx'
import { NothingFound, Search } from './list.tsx'

interface Listed {
  totalResults: number
  Resources?: User[]
  nextCursor?: string
}

/** Whoever has the text in one of these. */
function filterOf(search: string): string {
  const text = JSON.stringify(search)
  return `userName co ${text} or displayName co ${text} or emails.value co ${text}`
}

export const lockedOf = (user: User) => user['urn:scim:wso2:schema']?.accountLocked === true

export function Users() {
  const [search, setSearch] = useState('')
  const [cursors, setCursors] = useState<string[]>([''])
  const cursor = cursors.at(-1)!
  const { data, error, reload } = useLoaded(() => {
    const query = new URLSearchParams({ count: '25', cursor })
    if (search !== '') query.set('filter', filterOf(search))
    return call<Listed>('GET', `${USERS}?${query}`)
  }, [search, cursor])
  const users = data?.Resources ?? []
  const isEmpty = data !== undefined && users.length === 0 && search === ''
  const look = (text: string) => (setSearch(text), setCursors(['']))
  return (
    <>
      <Heading title="Users" about="Local accounts, which subjects of issuers are linked to.">
        {!isEmpty && (
          <a class="button" href={to('users', 'new')}>
            Add a user
          </a>
        )}
      </Heading>
      <ErrorNotice error={error} onRetry={reload} />
      {(search !== '' || users.length > 0) && <Search label="Search by name or e-mail" value={search} onSearch={look} />}
      {data === undefined && error === undefined && <Loading what="users" />}
      {data !== undefined && users.length === 0 && (search === '' ? (
        <Empty title="No user yet">
          <p>Applications that use linked accounts issue tokens about local users. Create them here, or provision them by SCIM.</p>
          <a class="button" href={to('users', 'new')}>
            Add a user
          </a>
        </Empty>
      ) : (
        <NothingFound onAll={() => look('')}>{`Nobody has “${search}” in username, name or e-mail address.`}</NothingFound>
      ))}
      {users.length > 0 && (
        <ul class="cards">
          {users.map((user) => (
            <li key={user.id}>
              <a href={to('users', user.id)}>
                <span class="name">{user.displayName ?? user.userName}</span>
                <span class="quiet">{[user.displayName === undefined ? undefined : user.userName, user.emails?.[0]?.value].filter(Boolean).join(' · ')}</span>
              </a>
              <span class="badges">
                {lockedOf(user) && <Badge kind="warn">locked</Badge>}
                {user.active === false && <Badge kind="warn">disabled</Badge>}
                {user.roles?.map((role) => (
                  <Badge key={role.value} kind="plain">
                    {role.value}
                  </Badge>
                ))}
              </span>
            </li>
          ))}
        </ul>
      )}
      {(cursors.length > 1 || data?.nextCursor !== undefined) && (
        <nav class="pager" aria-label="Pages">
          <button type="button" class="small outline" disabled={cursors.length === 1} onClick={() => setCursors(cursors.slice(0, -1))}>
            Previous
          </button>
          <span>Page {cursors.length}</span>
          <button type="button" class="small outline" disabled={data?.nextCursor === undefined} onClick={() => setCursors([...cursors, data!.nextCursor!])}>
            Next
          </button>
        </nav>
      )}
    </>
  )
}
