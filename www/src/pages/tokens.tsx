/** The refresh tokens and opaque access tokens of a user or an application: seen, and revoked. */
import { useState } from 'preact/hooks'

import { call, GRANTS, type PageLink, placeOf } from '../api.ts'
import { may, Needs } from '../session/rights.tsx'
import { t } from '../texts/index.ts'
import { Danger } from '../ui/dialog.tsx'
import { useLoaded } from '../ui/loaded.ts'
import { When } from '../ui/times.tsx'
import { clearToasts, toast } from '../ui/toasts.tsx'
import { Badge, LoadState, Notice, OfServer, sentence } from '../ui/words.tsx'

/** How many are shown. Revoking all revokes the others, too. */
const LIMIT = '50'

/** What the server keeps of a token; the token itself is not part of it. */
interface Grant {
  id: string
  type: 'refresh_token' | 'access_token'
  clientId: string
  application?: { name: string }
  trustedTokenIssuer?: { name: string }
  subject: { sub: string }
  scopes: string[]
  issued: number
  expires: number
  lastUsed?: number
}

interface Page {
  grants: Grant[]
  links: PageLink[]
}

interface Revoked extends Pick<Page, 'links'> {
  revoked: number
  /** How many the caller may not revoke, if there are any, and why. */
  skipped?: number
  skippedBecause?: string
}

/** What revoking all came to, where some tokens were left. */
interface Left {
  revoked: number
  skipped: number
  because: string
}

/** Revokes all tokens of an owner. One call revokes a bounded number, and says where to go on. */
async function revokeEvery(owner: URLSearchParams): Promise<Left> {
  const sum: Left = { revoked: 0, skipped: 0, because: '' }
  for (let after: string | undefined = ''; after !== undefined; ) {
    const { revoked, skipped = 0, skippedBecause, links } = await call<Revoked>('DELETE', `${GRANTS}?${owner}${after && `&after=${encodeURIComponent(after)}`}`)
    sum.revoked += revoked
    sum.skipped += skipped
    sum.because = skippedBecause ?? sum.because
    after = placeOf(links)
  }
  return sum
}

/** Whose: exactly one of the two. */
export type Owner = { userId: string } | { applicationId: string }

export function Tokens({ of }: { of: Owner }) {
  const words = t().tokens
  const owner = new URLSearchParams(of as Record<string, string>)
  const loaded = useLoaded(() => call<Page>('GET', `${GRANTS}?${owner}&limit=${LIMIT}`), [owner.toString()])
  const { data, reload } = loaded
  const [left, setLeft] = useState<Left>()
  const revoke = async (id: string) => {
    clearToasts()
    setLeft(undefined)
    await call('DELETE', `${GRANTS}/${encodeURIComponent(id)}`)
    toast(words.revoked)
    reload()
  }
  const revokeAll = async () => {
    clearToasts()
    setLeft(undefined)
    const sum = await revokeEvery(owner)
    if (sum.skipped > 0) setLeft(sum)
    else toast(words.revokedAll)
    reload()
  }
  return (
    <section aria-label={words.title}>
      <h2>{words.title}</h2>
      <p class="quiet">{words.about}</p>
      {left !== undefined && (
        <Notice kind="warn" title={words.left(left.skipped)}>
          <p>
            {words.leftOf(left.revoked)} <OfServer text={sentence(left.because)} />
          </p>
        </Notice>
      )}
      <LoadState of={loaded} loading={words.loading} />
      {data?.grants.length === 0 && <p>{words.none}</p>}
      <ul class="cards tokens">
        {data?.grants.map((grant) => (
          <li key={grant.id}>
            <One of={grant} byUser={'userId' in of} />
            {may('users') && (
              <Danger small label={words.revoke} describe={words.revokeOf(nameOf(grant, 'userId' in of))} title={words.revokeTitle} question={<p>{words.revokeAbout}</p>} confirm={words.revokeConfirm} act={() => revoke(grant.id)} />
            )}
          </li>
        ))}
      </ul>
      {data !== undefined && placeOf(data.links) !== undefined && <p class="quiet">{words.more(data.grants.length)}</p>}
      {data !== undefined && data.grants.length > 0 && (
        <Needs right="users">
          {data.grants.length > 1 && <Danger small label={words.revokeAll} title={words.revokeAllTitle} question={<p>{words.revokeAllAbout}</p>} confirm={words.revokeAllConfirm} act={revokeAll} />}
        </Needs>
      )}
    </section>
  )
}

/** What tells it from the others of its owner: its application, or its subject. */
const nameOf = ({ application, clientId, subject }: Grant, byUser: boolean) => (byUser ? (application?.name ?? clientId) : subject.sub)

function One({ of: grant, byUser }: { of: Grant; byUser: boolean }) {
  const words = t().tokens
  return (
    <div>
      <span class="name">
        {nameOf(grant, byUser)} <Badge kind="plain">{words.types[grant.type]}</Badge>
      </span>
      {grant.scopes.length > 0 && <span class="mono quiet">{grant.scopes.join(' ')}</span>}
      <small class="quiet">
        {words.issued} <When at={grant.issued} />
        {grant.trustedTokenIssuer !== undefined && ` ${words.from(grant.trustedTokenIssuer.name)}`}
        {grant.lastUsed !== undefined && (
          <>
            {' · '}
            {words.lastUsed} <When at={grant.lastUsed} />
          </>
        )}
        {' · '}
        {words.expires} <When at={grant.expires} />
      </small>
    </div>
  )
}
