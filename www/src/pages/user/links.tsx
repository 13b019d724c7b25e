/** The form that links another subject to a user. */
import { useState } from 'preact/hooks'

import { all, call, ISSUERS, linksOf } from '../../api.ts'
import type { IssuerSummary } from '../../model.ts'
import { to } from '../../route.ts'
import { Choice, Text } from '../../ui/fields.tsx'
import { Form } from '../../ui/form.tsx'
import { Group } from '../../ui/groups.tsx'
import { useLoaded } from '../../ui/loaded.ts'
import { LoadState } from '../../ui/words.tsx'

export function LinkAnother({ user, onLinked }: { user: string; onLinked: () => void }) {
  const loaded = useLoaded(() => all<IssuerSummary>(ISSUERS, 'identityProviders'), [])
  const [chosen, setChosen] = useState<string>()
  const [subject, setSubject] = useState('')
  const issuers = loaded.data ?? []
  const idp = chosen ?? issuers[0]?.name ?? ''
  const link = async () => {
    await call('POST', linksOf(user), { idp, federatedUserId: subject.trim() })
    setSubject('')
    onLinked()
  }
  return (
    <>
      <LoadState of={loaded} what="the issuers" />
      {loaded.data?.length === 0 && (
        <p>
          To link a subject, add a <a href={to('issuers', 'new')}>trusted token issuer</a> first.
        </p>
      )}
      {issuers.length > 0 && (
        <Form submit="Link" onSubmit={link}>
          <Group title="Link another">
            <div class="grid-2">
              <Choice label="Trusted token issuer" name="idp" value={idp} onInput={setChosen} options={issuers.map(({ name }) => ({ value: name, label: name }))} />
              <Text label="Subject" name="federatedUserId" value={subject} onInput={setSubject} hint="The sub of its tokens." />
            </div>
          </Group>
        </Form>
      )}
    </>
  )
}
