/** When an object was changed, and by whom: a person is named, where the server has an id. */
import { call, Refused, USERS } from '../api.ts'
import type { User } from '../model.ts'
import { t } from '../texts/index.ts'
import { useLoaded } from '../ui/loaded.ts'
import { When } from '../ui/times.tsx'

/** Ids that the server makes. */
const ID = /^(?:usr_)?[\w-]{22}$/

async function nameOf(by: string): Promise<string> {
  try {
    const { displayName, userName } = await call<User>('GET', `${USERS}/${encodeURIComponent(by)}`)
    return displayName ?? userName
  } catch (error) {
    // Somebody who is not there any more, or cannot be asked for now, keeps the id.
    if (error instanceof Refused) return by
    throw error
  }
}

/** What the server calls whoever has the admin token. */
const ADMIN_TOKEN = 'admin token'

/** The name of whoever changed something. */
export function useAuthor(by: string | undefined): string | undefined {
  const { data } = useLoaded(async () => (by !== undefined && ID.test(by) ? await nameOf(by) : by), [by])
  return by === ADMIN_TOKEN ? t().adminToken : (data ?? by)
}

export function By({ by }: { by: string }) {
  return <>{t().by(useAuthor(by) ?? by)}</>
}

export function Changed({ at, by }: { at?: number | undefined; by?: string | undefined }) {
  if (at === undefined) return null
  return (
    <>
      {t().changed} <When at={at} /> {by != null && <By by={by} />}
    </>
  )
}
