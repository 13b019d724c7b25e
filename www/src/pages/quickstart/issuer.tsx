/** The quick start on the page of an issuer: for one of the applications that allow it. */
import { useState } from 'preact/hooks'

import { metadata } from '../../api.ts'
import type { Issuer } from '../../model.ts'
import { link } from '../../route.ts'
import { t } from '../../texts/index.ts'
import { Choice } from '../../ui/fields.tsx'
import { Group } from '../../ui/groups.tsx'
import { useLoaded } from '../../ui/loaded.ts'
import { LoadState, Ticked } from '../../ui/words.tsx'
import type { Usage } from '../usage.tsx'
import { Recipe } from './recipe.tsx'

export function IssuerQuickStart({ issuer, usage }: { issuer: Issuer; usage: Usage }) {
  const [chosen, setChosen] = useState('')
  const server = useLoaded(metadata, [])
  const words = t().quickstart
  const applications = usage.data?.applications ?? []
  const application = applications.find(({ id }) => id === chosen) ?? applications[0]
  return (
    <Group title={words.title} hint={words.about}>
      <LoadState of={usage} loading={t().applications.loading} />
      <LoadState of={server} loading={t().server.loading} />
      {usage.data !== undefined && application === undefined && (
        <p>
          <Ticked text={words.noApplication} to={[link(['applications', 'new'], { issuer: issuer.name })]} />
        </p>
      )}
      {application !== undefined && server.data !== undefined && (
        <>
          {applications.length > 1 && <Choice label={t().playground.application} value={application.id} onInput={setChosen} options={applications.map(({ id, name }) => ({ value: id, label: name }))} />}
          <Recipe server={server.data.issuer} issuer={issuer} application={application} />
        </>
      )}
    </Group>
  )
}
