/** What clients and operators have to know about this server: its issuer, what to ask for, its addresses. */
import { adminToken, APPLICATIONS, BASE, ISSUERS, type Metadata, metadata, USERS } from '../api.ts'
import { t } from '../texts/index.ts'
import { Copy } from '../ui/code.tsx'
import { useLoaded } from '../ui/loaded.ts'
import { Badge, Heading, LoadState, Ticked } from '../ui/words.tsx'
import { SigningKeys } from './signing-keys.tsx'

export function Server() {
  const loaded = useLoaded(metadata, [])
  const words = t().server
  return (
    <>
      <Heading title={words.title} about={words.about} />
      <LoadState of={loaded} loading={words.loading} />
      {loaded.data !== undefined && <About of={loaded.data} />}
      {adminToken.value !== undefined && <SigningKeys />}
    </>
  )
}

interface Row {
  label: string
  value: string
  about?: string
}

function About({ of }: { of: Metadata }) {
  const words = t().server
  const address = (path: string) => new URL(path, BASE).href
  const named = (member: string): Row[] => (typeof of[member] === 'string' ? [{ label: words.endpoints[member as 'token_endpoint'] ?? member, value: of[member] }] : [])
  const endpoints = [
    ...Object.keys(of).filter((member) => member.endsWith('_endpoint')).sort((one, other) => rank(one) - rank(other)).flatMap(named),
    ...named('jwks_uri'),
    { label: words.metadata, value: `${of.issuer}/.well-known/oauth-authorization-server` },
  ]
  return (
    <>
      <Table
        title={words.identity}
        rows={[
          { label: words.issuer, value: of.issuer, about: words.issuerAbout },
          { label: words.audience, value: of.issuer, about: words.audienceAbout },
        ]}
      />
      <Table title={words.forClients} rows={endpoints} />
      <Table
        title={words.forOperators}
        rows={[
          { label: words.admin.issuers, value: address(ISSUERS) },
          { label: words.admin.applications, value: address(APPLICATIONS) },
          { label: words.admin.users, value: address(USERS) },
          { label: words.admin.health, value: address('healthz') },
          { label: words.admin.metrics, value: address('metrics') },
        ]}
      />
      <section aria-label={words.supports}>
        <h2>{words.supports}</h2>
        <dl class="facts">
          <Fact label={words.grants} values={of.grant_types_supported ?? []} />
          <Fact label={words.authentication} values={of.token_endpoint_auth_methods_supported ?? []} />
          <Fact label={words.algorithms} values={(of['id_token_signing_alg_values_supported'] as string[] | undefined) ?? []} />
        </dl>
      </section>
    </>
  )
}

/** The token endpoint is what most people look for. */
const rank = (member: string) => (member === 'token_endpoint' ? 0 : 1)

function Table({ title, rows }: { title: string; rows: Row[] }) {
  return (
    <section aria-label={title}>
      <h2>{title}</h2>
      <ul class="cards addresses">
        {rows.map(({ label, value, about }) => (
          <li key={label}>
            <div>
              <span class="name">{label}</span>
              <span class="mono">{value}</span>
              {about !== undefined && (
                <span class="hint">
                  <Ticked text={about} />
                </span>
              )}
            </div>
            <Copy text={value} what={label} />
          </li>
        ))}
      </ul>
    </section>
  )
}

function Fact({ label, values }: { label: string; values: string[] }) {
  if (values.length === 0) return null
  return (
    <div>
      <dt>{label}</dt>
      <dd class="badges">
        {[...new Set(values)].map((value) => (
          <Badge key={value} kind="plain">
            {t().grants[value as 'refresh_token']?.label ?? value}
          </Badge>
        ))}
      </dd>
    </div>
  )
}
