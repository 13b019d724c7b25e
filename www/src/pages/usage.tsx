/** Which applications use an issuer: to exchange its tokens, or to authenticate with them. */
import { APPLICATIONS, call, upTo } from '../api.ts'
import { type Application, type ApplicationSummary, issuerNameOf } from '../model.ts'
import { link, to } from '../route.ts'
import { t } from '../texts/index.ts'
import { type Loaded, useLoaded } from '../ui/loaded.ts'
import { Ticked } from '../ui/words.tsx'

/** More applications are not read: the API shows the issuers and the subject of each only by itself. */
const MOST = 100

/** The filter of a list of applications: those that allow this issuer. */
export const allowing = (issuer: string) => `trustedTokenIssuers eq ${JSON.stringify(issuer)}`

/** The filter may let others pass: those that only authenticate with its tokens, or allow one whose name differs in letter case. */
const allows = (issuer: string) => (application: Application) => (application.trustedTokenIssuers ?? []).some((grant) => issuerNameOf(grant) === issuer)
const authenticatesWith = (issuer: string) => ({ clientAssertion }: Application) => clientAssertion?.issuer === issuer

/** All applications that the query asks for; `undefined` if there are too many to read. */
async function read(query: Record<string, string>): Promise<Application[] | undefined> {
  const found = await upTo<ApplicationSummary>(MOST, APPLICATIONS, 'applications', query)
  return found && Promise.all(found.map(({ id }) => call<Application>('GET', `${APPLICATIONS}/${encodeURIComponent(id)}`)))
}

/** The applications that allow this issuer; `undefined` if there are too many to tell. */
export const applicationsAllowing = async (issuer: string): Promise<Application[] | undefined> => (await read({ filter: allowing(issuer) }))?.filter(allows(issuer))

export type Usage = Loaded<{ applications: Application[] | undefined }>

/** Without a name, as for an issuer that is not saved yet, no application allows it. */
export const useUsage = (issuer: string | undefined): Usage =>
  useLoaded(async () => ({ applications: issuer === undefined ? [] : await applicationsAllowing(issuer) }), [issuer])

/** What a deletion takes from applications. */
interface Uses {
  /** `undefined`: there are too many to tell. */
  exchange: Application[] | undefined
  authenticate: Application[]
  /** Every application was looked at. */
  isWhole: boolean
}

async function usesOf(issuer: string): Promise<Uses> {
  const all = await read({})
  const found = all ?? (await read({ filter: allowing(issuer) }))
  return { exchange: found?.filter(allows(issuer)), authenticate: (found ?? []).filter(authenticatesWith(issuer)), isWhole: all !== undefined }
}

/** Names the applications that lose an issuer with its deletion. */
export function UsedBy({ issuer }: { issuer: string }) {
  const { data, error } = useLoaded(() => usesOf(issuer), [issuer])
  const { issuers } = t()
  if (error !== undefined) return <p>{issuers.usageUnknown}</p>
  if (data === undefined) return <p aria-busy="true">{issuers.usageLoading}</p>
  const { exchange, authenticate, isWhole } = data
  return (
    <>
      {exchange === undefined && (
        <p>
          <Ticked text={issuers.usedByMany(MOST)} to={[link(['applications'], { issuer })]} />
        </p>
      )}
      {exchange?.length === 0 && authenticate.length === 0 && <p>{isWhole ? issuers.usedByNone : issuers.allowedByNone}</p>}
      <Named title={issuers.usedBy} applications={exchange ?? []} />
      <Named title={issuers.authenticates} applications={authenticate} />
      {!isWhole && <p>{issuers.usedInPart(MOST)}</p>}
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
