/** The form that links another subject to a user. */
import { useState } from 'preact/hooks'

import { call, linksOf } from '../../api.ts'
import { allIssuers } from '../../known.ts'
import { to } from '../../route.ts'
import { t } from '../../texts/index.ts'
import { Choice, Text } from '../../ui/fields.tsx'
import { demand, Form } from '../../ui/form.tsx'
import { Group } from '../../ui/groups.tsx'
import { useLoaded } from '../../ui/loaded.ts'
import { clearToasts, toast } from '../../ui/toasts.tsx'
import { LoadState, Ticked } from '../../ui/words.tsx'

export function LinkAnother({ user, onLinked }: { user: string; onLinked: () => void }) {
  const loaded = useLoaded(allIssuers, [])
  const [chosen, setChosen] = useState<string>()
  const [subject, setSubject] = useState('')
  const issuers = loaded.data ?? []
  const idp = chosen ?? issuers[0]?.name ?? ''
  const words = t().links
  const link = async () => {
    clearToasts()
    demand([{ path: 'federatedUserId', value: subject, text: words.enterSubject }])
    await call('POST', linksOf(user), { idp, federatedUserId: subject.trim() })
    setSubject('')
    toast(words.added)
    onLinked()
  }
  return (
    <>
      <LoadState of={loaded} loading={t().issuers.loading} />
      {loaded.data?.length === 0 && (
        <p>
          <Ticked text={words.noIssuers} to={[to('issuers', 'new')]} />
        </p>
      )}
      {issuers.length > 0 && (
        <Form submit={words.link} onSubmit={link}>
          <Group title={words.another}>
            <div class="grid-2">
              <Choice label={words.issuer} name="idp" value={idp} onInput={setChosen} options={issuers.map(({ name }) => ({ value: name, label: name }))} />
              <Text label={words.subject} name="federatedUserId" value={subject} onInput={setSubject} hint={<Ticked text={words.subjectHint} />} />
            </div>
          </Group>
        </Form>
      )}
    </>
  )
}
