/** The links of a user, and a form that makes one. */
import { useState } from 'preact/hooks'

import { all, call, ISSUERS, linksOf } from '../../api.ts'
import type { IssuerSummary, Link } from '../../model.ts'
import { to } from '../../route.ts'
import { Choice, Text } from '../../ui/fields.tsx'
import { Form } from '../../ui/form.tsx'
import { Group } from '../../ui/groups.tsx'
import { useLoaded } from '../../ui/loaded.ts'
import { ErrorNotice, Loading } from '../../ui/words.tsx'
import { Links } from '../links.tsx'

export function LinksOf({ user }: { user: string }) {
  const links = useLoaded(() => call<Link[]>('GET', linksOf(user)), [user])
  const issuers = useLoaded(() => all<IssuerSummary>(ISSUERS, 'identityProviders'), [])
  const unlink = async (id?: string) => {
    await call('DELETE', id === undefined ? linksOf(user) : `${linksOf(user)}/${encodeURIComponent(id)}`)
    links.reload()
  }
  return (
    <section aria-label="Linked accounts">
      <h2>Linked accounts</h2>
      <p class="quiet">Whose subjects are this user when an application uses linked accounts.</p>
      <ErrorNotice error={links.error ?? issuers.error} onRetry={() => (links.reload(), issuers.reload())} />
      {links.data === undefined && links.error === undefined && <Loading what="the links" />}
      {links.data !== undefined && <Links links={links.data} unlink={unlink} />}
      {issuers.data?.length === 0 && (
        <p>
          To link one there has to be a <a href={to('issuers', 'new')}>trusted token issuer</a>.
        </p>
      )}
      {issuers.data !== undefined && issuers.data.length > 0 && <Another user={user} issuers={issuers.data} onLinked={links.reload} />}
    </section>
  )
}

function Another({ user, issuers, onLinked }: { user: string; issuers: IssuerSummary[]; onLinked: () => void }) {
  const [idp, setIdp] = useState(issuers[0]!.name)
  const [subject, setSubject] = useState('')
  const link = async () => {
    await call('POST', linksOf(user), { idp, federatedUserId: subject.trim() })
    setSubject('')
    onLinked()
  }
  return (
    <Form submit="Link" onSubmit={link}>
      <Group title="Link another">
        <div class="grid-2">
          <Choice label="Trusted token issuer" name="idp" value={idp} onInput={setIdp} options={issuers.map(({ name }) => ({ value: name, label: name }))} />
          <Text label="Subject" name="federatedUserId" value={subject} onInput={setSubject} hint="The sub of its tokens." />
        </div>
      </Group>
    </Form>
  )
}
