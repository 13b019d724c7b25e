/** Which applications may exchange the tokens of an issuer. */
import { APPLICATIONS, call, upTo } from '../api.ts'
import { type Application, type ApplicationSummary, issuerNameOf } from '../model.ts'
import { to } from '../route.ts'
import { t } from '../texts/index.ts'
import { type Loaded, useLoaded } from '../ui/loaded.ts'

/** More applications are not looked at: the API names the issuers of each only by itself. */
const MOST = 100

/** The applications that allow this issuer; `undefined` if there are too many to tell. */
export async function applicationsAllowing(issuer: string): Promise<Application[] | undefined> {
  const all = await upTo<ApplicationSummary>(MOST, APPLICATIONS, 'applications')
  if (all === undefined) return undefined
  const whole = await Promise.all(all.map(({ id }) => call<Application>('GET', `${APPLICATIONS}/${encodeURIComponent(id)}`)))
  return whole.filter(({ trustedTokenIssuers = [] }) => trustedTokenIssuers.some((grant) => issuerNameOf(grant) === issuer))
}

export type Usage = Loaded<{ applications: Application[] | undefined }>

/** Without a name, as for an issuer that is not saved yet, no application allows it. */
export const useUsage = (issuer: string | undefined): Usage =>
  useLoaded(async () => ({ applications: issuer === undefined ? [] : await applicationsAllowing(issuer) }), [issuer])

/** Names the applications that lose an issuer with its deletion. */
export function UsedBy({ issuer }: { issuer: string }) {
  const { data, error } = useUsage(issuer)
  const { issuers } = t()
  if (error !== undefined) return <p>{issuers.usageUnknown}</p>
  if (data === undefined) return <p aria-busy="true">{issuers.usageLoading}</p>
  if (data.applications === undefined) return <p>{issuers.usageUnknown}</p>
  if (data.applications.length === 0) return <p>{issuers.usedByNone}</p>
  return (
    <>
      <p>{issuers.usedBy(data.applications.length)}</p>
      <ul class="used-by">
        {data.applications.map(({ id, name }) => (
          <li key={id}>
            <a href={to('applications', id)}>{name}</a>
          </li>
        ))}
      </ul>
    </>
  )
}
