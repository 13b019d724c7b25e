/** The issuers whose tokens an application may exchange, with further conditions. */
import { all, ISSUERS } from '../../api.ts'
import type { IssuerSummary } from '../../model.ts'
import { to } from '../../route.ts'
import { Tick } from '../../ui/fields.tsx'
import { Fold, Group } from '../../ui/groups.tsx'
import { useLoaded } from '../../ui/loaded.ts'
import { Badge, LoadState } from '../../ui/words.tsx'
import { Conditions } from '../conditions.tsx'
import type { Allowed, Piece } from './form.ts'

export function AllowedIssuers({ form, set }: Piece) {
  const loaded = useLoaded(() => all<IssuerSummary>(ISSUERS, 'identityProviders'), [])
  const { data } = loaded
  const allow = (name: string, on: boolean) => set({ issuers: on ? [...form.issuers, { name, conditions: [] }] : form.issuers.filter((one) => one.name !== name) })
  const change = (old: Allowed, conditions: Allowed['conditions']) => set({ issuers: form.issuers.map((one) => (one === old ? { ...old, conditions } : one)) })
  return (
    <Group title="Allowed issuers" name="trustedTokenIssuers" hint="The application may exchange tokens of these issuers only.">
      <LoadState of={loaded} what="the issuers" />
      {data?.length === 0 && (
        <p>
          There is no issuer yet. <a href={to('issuers', 'new')}>Add a trusted token issuer</a>
        </p>
      )}
      {data?.map((issuer) => {
        const at = form.issuers.findIndex((one) => one.name === issuer.name)
        const allowed = form.issuers[at]
        return (
          <div key={issuer.name} class="allowed">
            <Issuer issuer={issuer} allowed={allowed !== undefined} onChange={(on) => allow(issuer.name, on)} />
            {allowed !== undefined && <Further allowed={allowed} at={at} onChange={(conditions) => change(allowed, conditions)} />}
          </div>
        )
      })}
    </Group>
  )
}

function Issuer({ issuer, allowed, onChange }: { issuer: IssuerSummary; allowed: boolean; onChange: (on: boolean) => void }) {
  const label = (
    <>
      {issuer.name} {!issuer.isEnabled && <Badge kind="warn">disabled</Badge>}
    </>
  )
  return <Tick label={label} hint={<span class="mono">{issuer.issuer}</span>} checked={allowed} onChange={onChange} />
}

/** Conditions for this application, in addition to those of the issuer. */
function Further({ allowed, at, onChange }: { allowed: Allowed; at: number; onChange: (conditions: Allowed['conditions']) => void }) {
  const { name, conditions } = allowed
  return (
    <Fold title={conditions.length === 0 ? `Further conditions for ${name}` : `${conditions.length} further conditions for ${name}`}>
      <Conditions title={`Conditions on tokens of ${name}`} name={`trustedTokenIssuers[${at}].conditions`} items={conditions} onChange={onChange} />
    </Fold>
  )
}
