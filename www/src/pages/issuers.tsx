import { useState } from 'preact/hooks'

import { ISSUERS, list } from '../api.ts'
import type { IssuerSummary } from '../model.ts'
import { to } from '../route.ts'
import { useLoaded } from '../ui/loaded.ts'
import { Badge, Empty, ErrorNotice, Heading, Loading } from '../ui/words.tsx'
import { NothingFound, Pager, Search } from './list.tsx'

const LIMIT = 20

export function Issuers() {
  const [search, setSearch] = useState('')
  const [offset, setOffset] = useState(0)
  const { data, error, reload } = useLoaded(() => {
    const filter: Record<string, string> = search === '' ? {} : { filter: `name co ${JSON.stringify(search)}` }
    return list<IssuerSummary>(ISSUERS, 'identityProviders', { limit: String(LIMIT), offset: String(offset), ...filter })
  }, [search, offset])
  const isEmpty = data?.items.length === 0 && search === ''
  const look = (text: string) => (setSearch(text), setOffset(0))
  return (
    <>
      <Heading title="Trusted token issuers" about="Whose tokens are exchanged for yours: a CI system, a cloud, a partner’s identity provider.">
        {!isEmpty && (
          <a class="button" href={to('issuers', 'new')}>
            Add an issuer
          </a>
        )}
      </Heading>
      <ErrorNotice error={error} onRetry={reload} />
      {data !== undefined && (data.totalResults > 0 || search !== '') && <Search label="Search by name" value={search} onSearch={look} />}
      {data === undefined && error === undefined && <Loading what="issuers" />}
      {data?.items.length === 0 &&
        (search === '' ? (
          <Empty title="No issuer yet">
            <p>Register one and its tokens can be exchanged. Presets know GitHub Actions, GitLab, Kubernetes and eight more.</p>
            <a class="button" href={to('issuers', 'new')}>
              Add an issuer
            </a>
          </Empty>
        ) : (
          <NothingFound onAll={() => look('')}>{`No issuer has “${search}” in its name.`}</NothingFound>
        ))}
      {data !== undefined && data.items.length > 0 && (
        <ul class="cards">
          {data.items.map((issuer) => (
            <li key={issuer.id}>
              <a href={to('issuers', issuer.id)}>
                <span class="name">{issuer.name}</span>
                <span class="mono quiet">{issuer.issuer}</span>
              </a>
              <span class="badges">
                {!issuer.isEnabled && <Badge kind="warn">disabled</Badge>}
                {issuer.isEnabled && <KeyState state={issuer.keyState} />}
                {issuer.readOnly && <Badge kind="plain">in the configuration</Badge>}
              </span>
            </li>
          ))}
        </ul>
      )}
      {data !== undefined && <Pager total={data.totalResults} offset={offset} limit={LIMIT} onOffset={setOffset} />}
    </>
  )
}

const STATES: Record<string, ['good' | 'bad' | 'warn' | 'plain', string]> = {
  fresh: ['good', 'keys fresh'],
  stale: ['warn', 'keys stale'],
  unavailable: ['bad', 'keys unavailable'],
  broken: ['bad', 'broken'],
  unused: ['plain', 'keys not needed yet'],
  configured: ['plain', 'keys registered'],
}

/** What the states mean that somebody should look into. */
const WORRIES: Record<string, string> = {
  stale: 'They could not be fetched anew; the last good ones count for up to a day.',
  unavailable: 'They cannot be fetched: its tokens are answered 503. Test them on its page, or register certificates.',
  broken: 'What the store has of this issuer cannot be understood.',
}

export const worryOf = (state: string | undefined) => WORRIES[state ?? '']

export function KeyState({ state }: { state: string | undefined }) {
  const [kind, label] = STATES[state ?? ''] ?? ['plain', 'enabled']
  return <Badge kind={kind}>{label}</Badge>
}
