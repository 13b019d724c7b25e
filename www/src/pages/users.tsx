import { call, resourcesUpTo, USERS } from '../api.ts'
import { emailOf, type User } from '../model.ts'
import { t } from '../texts/index.ts'
import { Badge } from '../ui/words.tsx'
import { List, type Source } from './list.tsx'

/** Users with this text in one of these attributes. */
function filterOf(search: string): string {
  const text = JSON.stringify(search)
  return `userName co ${text} or displayName co ${text} or emails.value co ${text}`
}

/** The cursor of each page that was seen, by what was searched for. */
const cursors = new Map<string, string[]>()

interface Found {
  Resources?: User[]
  nextCursor?: string
}

async function page(search: string, page: number) {
  const known = cursors.get(search) ?? ['']
  cursors.set(search, known)
  for (;;) {
    const at = Math.min(page, known.length) - 1
    const query = new URLSearchParams({ count: '20', cursor: known[at]!, ...(search !== '' && { filter: filterOf(search) }) })
    const { Resources = [], nextCursor } = await call<Found>('GET', `${USERS}?${query}`)
    if (nextCursor !== undefined) known[at + 1] = nextCursor
    // An address may ask for a page whose cursor is not known yet.
    if (at === page - 1 || nextCursor === undefined) return { items: Resources, more: nextCursor !== undefined }
  }
}

const source: Source<User> = { whole: (most) => resourcesUpTo<User>(most, USERS), page }

const nameOf = ({ displayName, userName }: User) => displayName ?? userName
const addressOf = (user: User) => emailOf(user)?.value ?? ''

export function Users() {
  const { users, list } = t()
  return (
    <List<User>
      words={users}
      place="users"
      source={source}
      sorts={[
        { value: 'name', label: list.byName, by: nameOf },
        { value: 'username', label: users.byUsername, by: ({ userName }) => userName },
        { value: 'email', label: users.byEmail, by: addressOf },
      ]}
      text={(user) => `${nameOf(user)} ${user.userName} ${addressOf(user)}`}
      row={(user) => ({
        name: nameOf(user),
        detail: <span class="quiet">{[user.displayName === undefined ? undefined : user.userName, addressOf(user)].filter(Boolean).join(' · ')}</span>,
        badges: <Badges user={user} />,
      })}
    />
  )
}

function Badges({ user }: { user: User }) {
  return (
    <>
      {user['urn:scim:wso2:schema']?.accountLocked === true && <Badge kind="warn">{t().users.locked}</Badge>}
      {user.active === false && <Badge kind="warn">{t().users.disabled}</Badge>}
      {user.roles?.map(({ value }) => (
        <Badge key={value} kind="plain">
          {value}
        </Badge>
      ))}
    </>
  )
}
