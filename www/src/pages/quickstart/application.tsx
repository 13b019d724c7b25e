/** The quick start on the page of an application: for one of the issuers that it allows. */
import { useState } from 'preact/hooks'

import { all, call, ISSUERS, metadata } from '../../api.ts'
import { type Application, type Issuer, issuerNameOf, type IssuerSummary } from '../../model.ts'
import { t } from '../../texts/index.ts'
import { Choice } from '../../ui/fields.tsx'
import { Group } from '../../ui/groups.tsx'
import { useLoaded } from '../../ui/loaded.ts'
import { LoadState } from '../../ui/words.tsx'
import { Recipe } from './recipe.tsx'

/** The issuer with this name. */
async function issuerCalled(name: string): Promise<Issuer | undefined> {
  const found = (await all<IssuerSummary>(ISSUERS, 'identityProviders')).find((one) => one.name === name)
  return found && (await call<Issuer>('GET', `${ISSUERS}/${encodeURIComponent(found.id)}`))
}

export function ApplicationQuickStart({ application }: { application: Application }) {
  const names = (application.trustedTokenIssuers ?? []).map(issuerNameOf)
  const [chosen, setChosen] = useState('')
  const name = names.find((one) => one === chosen) ?? names[0]
  const words = t().quickstart
  const loaded = useLoaded(async () => ({ server: (await metadata()).issuer, issuer: name === undefined ? undefined : await issuerCalled(name) }), [name])
  const { data } = loaded
  return (
    <Group title={words.title} hint={words.about}>
      <LoadState of={loaded} loading={t().issuers.loading} />
      {name === undefined && <p>{words.noIssuer}</p>}
      {names.length > 1 && <Choice label={words.issuer} value={name!} onInput={setChosen} options={names.map((value) => ({ value, label: value }))} />}
      {data?.issuer !== undefined && <Recipe key={name} server={data.server} issuer={data.issuer} application={application} />}
    </Group>
  )
}
