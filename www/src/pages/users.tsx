import { call, USERS } from '../api.ts'
import type { User } from '../model.ts'
import { Badge } from '../ui/words.tsx'
import { List, type Listed } from './list.tsx'

/** Users with this text in one of these attributes. */
function filterOf(search: string): string {
  const text = JSON.stringify(search)
  return `userName co ${text} or displayName co ${text} or emails.value co ${text}`
}

async function load(search: string, cursor: string): Promise<Listed<User>> {
  const query = new URLSearchParams({ count: '25', cursor, ...(search !== '' && { filter: filterOf(search) }) })
  const { Resources = [], nextCursor } = await call<{ Resources?: User[]; nextCursor?: string }>('GET', `${USERS}?${query}`)
  return { items: Resources, next: nextCursor }
}

export const Users = () => (
  <List<User>
    title="Users"
    about="Local accounts, to which subjects of issuers are linked."
    place="users"
    add="Add a user"
    search="Search by name or e-mail"
    nothingFound={(search) => `No user has “${search}” in the username, name or e-mail address.`}
    empty={{ title: 'No user yet', about: 'Applications that use linked accounts issue tokens about local users. Add users here, or provision them by SCIM.' }}
    load={load}
    row={(user) => ({
      name: user.displayName ?? user.userName,
      detail: <span class="quiet">{[user.displayName === undefined ? undefined : user.userName, user.emails?.[0]?.value].filter(Boolean).join(' · ')}</span>,
      badges: <Badges user={user} />,
    })}
  />
)

function Badges({ user }: { user: User }) {
  return (
    <>
      {user['urn:scim:wso2:schema']?.accountLocked === true && <Badge kind="warn">locked</Badge>}
      {user.active === false && <Badge kind="warn">disabled</Badge>}
      {user.roles?.map(({ value }) => (
        <Badge key={value} kind="plain">
          {value}
        </Badge>
      ))}
    </>
  )
}
