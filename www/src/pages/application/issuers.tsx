/** The issuers whose tokens an application may exchange, with further conditions. */
import { useState } from 'preact/hooks'

import { allIssuers } from '../../known.ts'
import type { IssuerSummary } from '../../model.ts'
import { to } from '../../route.ts'
import { t } from '../../texts/index.ts'
import { Text, Tick } from '../../ui/fields.tsx'
import { Fold, Group } from '../../ui/groups.tsx'
import { useLoaded } from '../../ui/loaded.ts'
import { Badge, LoadState, Notice, Ticked } from '../../ui/words.tsx'
import { Conditions } from '../conditions.tsx'
import type { Allowed, Piece } from './form.ts'

/** More issuers than these are searched, in a box of their own. */
const FEW = 8

export function AllowedIssuers({ form, set }: Piece) {
  const loaded = useLoaded(allIssuers, [])
  const { data } = loaded
  const words = t().application
  return (
    <Group title={words.allowedIssuers} name="trustedTokenIssuers" hint={words.allowedIssuersHint}>
      <LoadState of={loaded} loading={t().issuers.loading} />
      {data?.length === 0 && (
        <p>
          <Ticked text={words.noIssuers} to={[to('issuers', 'new')]} />
        </p>
      )}
      {data !== undefined && <Several issuers={data} form={form} set={set} />}
      {data !== undefined && data.length > 0 && form.issuers.length === 0 && (
        <Notice kind="warn" title={words.noneAllowedTitle}>
          <p>{words.noneAllowedAbout}</p>
        </Notice>
      )}
    </Group>
  )
}

/** The issuers by name; of many, those that are allowed come first. */
function Several({ issuers, form, set }: Piece & { issuers: IssuerSummary[] }) {
  const [search, setSearch] = useState('')
  // The order stays as it was when the page was opened: nothing jumps away from the pointer.
  const [first] = useState(() => new Set(form.issuers.map(({ name }) => name)))
  const allow = (name: string, on: boolean) => set({ issuers: on ? [...form.issuers, { name, clientId: '', conditions: [] }] : form.issuers.filter((one) => one.name !== name) })
  const change = (old: Allowed, to: Partial<Allowed>) => set({ issuers: form.issuers.map((one) => (one === old ? { ...old, ...to } : one)) })
  const rank = ({ name }: IssuerSummary) => (first.has(name) ? 0 : 1)
  const sorted = [...issuers].sort((one, other) => rank(one) - rank(other) || one.name.localeCompare(other.name))
  const text = search.trim().toLowerCase()
  const shown = sorted.filter(({ name, issuer }) => `${name} ${issuer}`.toLowerCase().includes(text))
  const rows = shown.map((issuer) => {
    const at = form.issuers.findIndex((one) => one.name === issuer.name)
    const allowed = form.issuers[at]
    return (
      <div key={issuer.name} class="allowed">
        <Issuer issuer={issuer} allowed={allowed !== undefined} onChange={(on) => allow(issuer.name, on)} />
        {allowed !== undefined && <Further allowed={allowed} at={at} onChange={(to) => change(allowed, to)} />}
      </div>
    )
  })
  if (issuers.length <= FEW) return <>{rows}</>
  const { searchIssuers, ticked, noIssuerFound } = t().application
  return (
    <>
      <input type="search" aria-label={searchIssuers} placeholder={searchIssuers} value={search} onInput={(event) => setSearch(event.currentTarget.value)} />
      <p class="hint" role="status">
        {ticked(form.issuers.length, issuers.length)}
      </p>
      <div class="many">{rows.length > 0 ? rows : <p>{noIssuerFound(search.trim())}</p>}</div>
    </>
  )
}

function Issuer({ issuer, allowed, onChange }: { issuer: IssuerSummary; allowed: boolean; onChange: (on: boolean) => void }) {
  const label = (
    <>
      {issuer.name} {!issuer.isEnabled && <Badge kind="warn">{t().keys.disabled}</Badge>}
    </>
  )
  return <Tick label={label} hint={<span class="mono">{issuer.issuer}</span>} checked={allowed} onChange={onChange} />
}

/** What the issuer calls the application, and conditions in addition to those of the issuer. */
function Further({ allowed, at, onChange }: { allowed: Allowed; at: number; onChange: (to: Partial<Allowed>) => void }) {
  const { name, clientId, conditions } = allowed
  const words = t().application
  return (
    <Fold title={words.further(conditions.length, name)}>
      <Text label={words.clientIdAt(name)} name={`trustedTokenIssuers[${at}].clientId`} value={clientId} onInput={(clientId) => onChange({ clientId })} hint={words.clientIdAtHint} />
      <Conditions title={words.conditionsOn(name)} name={`trustedTokenIssuers[${at}].conditions`} items={conditions} onChange={(conditions) => onChange({ conditions })} />
    </Fold>
  )
}
