/** Which applications may exchange the tokens of an issuer. */
import { APPLICATIONS, call, upTo } from '../api.ts'
import type { Application, ApplicationSummary } from '../model.ts'
import { link, to } from '../route.ts'
import { t } from '../texts/index.ts'
import { type Loaded, useLoaded } from '../ui/loaded.ts'
import { Ticked } from '../ui/words.tsx'

/** More applications are not read: the API shows the issuers and the subject of each only by itself. */
const MOST = 100

/** The filter of a list of applications: those that allow this issuer. */
export const allowing = (issuer: string) => `trustedTokenIssuers eq ${JSON.stringify(issuer)}`

/** The applications that allow this issuer; `undefined` if there are too many to tell. */
export async function applicationsAllowing(issuer: string): Promise<Application[] | undefined> {
  const all = await upTo<ApplicationSummary>(MOST, APPLICATIONS, 'applications', { filter: allowing(issuer) })
  if (all === undefined) return undefined
  return Promise.all(all.map(({ id }) => call<Application>('GET', `${APPLICATIONS}/${encodeURIComponent(id)}`)))
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
  if (data.applications === undefined) {
    return (
      <p>
        <Ticked text={issuers.usedByMany(MOST)} to={[link(['applications'], { issuer })]} />
      </p>
    )
  }
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
