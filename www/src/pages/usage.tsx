/** Which applications use an issuer: to exchange its tokens, or to authenticate with them. */
import { APPLICATIONS, call, upTo } from '../api.ts'
import { type Application, type ApplicationSummary, issuerNameOf } from '../model.ts'
import { link, to } from '../route.ts'
import { t } from '../texts/index.ts'
import { type Loaded, useLoaded } from '../ui/loaded.ts'
import { Ticked } from '../ui/words.tsx'

/** More applications are not read: the API shows the issuers of each only by itself. */
const MOST = 100

/** The filter of a list of applications: those that use this issuer, or one whose name differs in letter case. */
export const using = (issuer: string) => `trustedTokenIssuers eq ${JSON.stringify(issuer)}`

const allows = (issuer: string) => (application: Application) => (application.trustedTokenIssuers ?? []).some((grant) => issuerNameOf(grant) === issuer)
const authenticatesWith = (issuer: string) => ({ clientAssertion }: Application) => clientAssertion?.issuer === issuer

/** The applications that the filter finds; `undefined` if there are too many to read. */
async function found(issuer: string): Promise<Application[] | undefined> {
  const all = await upTo<ApplicationSummary>(MOST, APPLICATIONS, 'applications', { filter: using(issuer) })
  return all && Promise.all(all.map(({ id }) => call<Application>('GET', `${APPLICATIONS}/${encodeURIComponent(id)}`)))
}

/** The applications that allow this issuer; `undefined` if there are too many to tell. */
export const applicationsAllowing = async (issuer: string): Promise<Application[] | undefined> => (await found(issuer))?.filter(allows(issuer))

export type Usage = Loaded<{ applications: Application[] | undefined }>

/** Without a name, as for an issuer that is not saved yet, no application allows it. */
export const useUsage = (issuer: string | undefined): Usage =>
  useLoaded(async () => ({ applications: issuer === undefined ? [] : await applicationsAllowing(issuer) }), [issuer])

/** Names the applications that lose an issuer with its deletion. */
export function UsedBy({ issuer }: { issuer: string }) {
  const { data, error } = useLoaded(async () => ({ applications: await found(issuer) }), [issuer])
  const { issuers } = t()
  if (error !== undefined) return <p>{issuers.usageUnknown}</p>
  if (data === undefined) return <p aria-busy="true">{issuers.usageLoading}</p>
  const { applications } = data
  if (applications === undefined) {
    return (
      <p>
        <Ticked text={issuers.usedByMany(MOST)} to={[link(['applications'], { issuer })]} />
      </p>
    )
  }
  const exchange = applications.filter(allows(issuer))
  const authenticate = applications.filter(authenticatesWith(issuer))
  if (exchange.length + authenticate.length === 0) return <p>{issuers.usedByNone}</p>
  return (
    <>
      <Named title={issuers.usedBy} applications={exchange} />
      <Named title={issuers.authenticates} applications={authenticate} />
    </>
  )
}

function Named({ title, applications }: { title: (count: number) => string; applications: Application[] }) {
  if (applications.length === 0) return null
  return (
    <>
      <p>{title(applications.length)}</p>
      <ul class="used-by">
        {applications.map(({ id, name }) => (
          <li key={id}>
            <a href={to('applications', id)}>{name}</a>
          </li>
        ))}
      </ul>
    </>
  )
}
