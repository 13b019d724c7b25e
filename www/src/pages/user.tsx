import { useState } from 'preact/hooks'

import { all, call, ISSUERS, linksOf, Refused, USERS } from '../api.ts'
import type { IssuerSummary, Link, User } from '../model.ts'
import { go, to } from '../route.ts'
import { Danger } from '../ui/dialog.tsx'
import { Area, Choice, Text, Tick } from '../ui/fields.tsx'
import { Form } from '../ui/form.tsx'
import { Group, lines } from '../ui/groups.tsx'
import { useLoaded } from '../ui/loaded.ts'
import { ErrorNotice, Heading, Notice } from '../ui/words.tsx'
import { Links } from './links.tsx'
import { Opening } from './opening.tsx'

const BACK = { href: to('users'), label: 'Users' }

const CORE = 'urn:ietf:params:scim:schemas:core:2.0:User'
const WSO2 = 'urn:scim:wso2:schema'

interface UserForm {
  userName: string
  displayName: string
  email: string
  phone: string
  roles: string
  enabled: boolean
  locked: boolean
}

const formOf = (user?: User): UserForm => ({
  userName: user?.userName ?? '',
  displayName: user?.displayName ?? '',
  email: user?.emails?.find((one) => one.primary)?.value ?? user?.emails?.[0]?.value ?? '',
  phone: user?.phoneNumbers?.[0]?.value ?? '',
  roles: (user?.roles ?? []).map((role) => role.value).join('\n'),
  enabled: user?.active ?? true,
  locked: user?.[WSO2]?.accountLocked ?? false,
})

/** Attributes that the form knows; what else the user has stays. */
function attributes(form: UserForm): Record<string, unknown> {
  return {
    userName: form.userName.trim(),
    displayName: form.displayName.trim(),
    active: form.enabled,
    emails: form.email.trim() === '' ? [] : [{ value: form.email.trim(), primary: true }],
    phoneNumbers: form.phone.trim() === '' ? [] : [{ value: form.phone.trim(), type: 'mobile' }],
    roles: lines(form.roles).map((value) => ({ value })),
    [`${WSO2}:accountLocked`]: form.locked,
  }
}

export function UserPage({ id }: { id: string }) {
  const { data, error, reload } = useLoaded(async () => (id === 'new' ? undefined : await call<User>('GET', `${USERS}/${encodeURIComponent(id)}`)), [id])
  if (id === 'new') return <Editor />
  if (data === undefined) return <Opening what="the user" back={BACK} error={error} reload={reload} />
  return <Editor key={data.meta?.version} user={data} reload={reload} />
}

function Editor({ user, reload }: { user?: User; reload?: () => void }) {
  const [form, setForm] = useState(() => formOf(user))
  const [saved, setSaved] = useState(false)
  const [loaded, setLoaded] = useState(user)
  const set = (change: Partial<UserForm>) => (setSaved(false), setForm({ ...form, ...change }))
  const path = `${USERS}/${encodeURIComponent(loaded?.id ?? '')}`

  const save = async () => {
    const wanted = attributes(form)
    if (loaded === undefined) {
      const { [`${WSO2}:accountLocked`]: accountLocked, ...core } = wanted
      const body = { schemas: [CORE, WSO2], ...Object.fromEntries(Object.entries(core).filter(([, value]) => value !== '' && !(Array.isArray(value) && value.length === 0))), [WSO2]: { accountLocked } }
      const made = await call<User>('POST', USERS, body)
      return go('users', made.id)
    }
    const before = attributes(formOf(loaded))
    const operations = Object.entries(wanted).flatMap(([name, value]) => {
      if (JSON.stringify(value) === JSON.stringify(before[name])) return []
      const empty = value === '' || (Array.isArray(value) && value.length === 0)
      return [empty ? { op: 'remove', path: name } : { op: 'replace', path: name, value }]
    })
    if (operations.length > 0) {
      const now = await call<User>('GET', path)
      if (now.meta?.version !== loaded.meta?.version) {
        throw new Refused(409, 'changed', `Somebody else changed this user at ${now.meta?.lastModified ?? 'the same time'}. Reload to see it; what you typed is still here.`)
      }
      setLoaded(await call<User>('PATCH', path, { schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'], Operations: operations }))
    }
    setSaved(true)
  }

  return (
    <>
      <Heading title={loaded === undefined ? 'Add a user' : (loaded.displayName ?? loaded.userName)} back={BACK} about={loaded !== undefined && <span class="mono">{loaded.id}</span>}>
        {loaded !== undefined && (
          <>
            <button type="button" class="outline secondary" onClick={reload}>
              Reload
            </button>
            <Danger
              label="Delete"
              title={`Delete ${loaded.userName}?`}
              question="The account and its links go, and the tokens about it count for nothing."
              confirm="Delete the user"
              act={async () => {
                await call('DELETE', path)
                go('users')
              }}
            />
          </>
        )}
      </Heading>
      <Form submit={loaded === undefined ? 'Create the user' : 'Save'} onSubmit={save} more={saved && <Notice kind="good">Saved.</Notice>}>
        <Group title="Account">
          <div class="grid-2">
            <Text label="Username" name="userName" value={form.userName} onInput={(userName) => set({ userName })} required hint="DOMAIN/name is a user of another user store." />
            <Text label="Name to show" name="displayName" value={form.displayName} onInput={(displayName) => set({ displayName })} />
            <Text label="E-mail address" name="emails" type="email" value={form.email} onInput={(email) => set({ email })} />
            <Text label="Mobile number" name="phoneNumbers" type="tel" value={form.phone} onInput={(phone) => set({ phone })} />
          </div>
          <Area label="Roles" name="roles" rows={2} value={form.roles} onInput={(roles) => set({ roles })} hint="One a line. Which scopes a role grants stands in the configuration document." />
          <Tick label="Enabled" toggle name="active" checked={form.enabled} onChange={(enabled) => set({ enabled })} hint="No token is issued for a user who is not." />
          <Tick label="Locked" toggle checked={form.locked} onChange={(locked) => set({ locked })} hint="Counts at once, on every server." />
        </Group>
      </Form>
      {loaded !== undefined && <LinksOf user={loaded.id} />}
    </>
  )
}

/** The links of a user, and a form that makes one. */
function LinksOf({ user }: { user: string }) {
  const links = useLoaded(() => call<Link[]>('GET', linksOf(user)), [user])
  const issuers = useLoaded(() => all<IssuerSummary>(ISSUERS, 'identityProviders'), [])
  const [idp, setIdp] = useState('')
  const [subject, setSubject] = useState('')
  const chosen = idp || issuers.data?.[0]?.name || ''
  const link = async () => {
    await call('POST', linksOf(user), { idp: chosen, federatedUserId: subject.trim() })
    setSubject('')
    links.reload()
  }
  const unlink = async (id?: string) => {
    await call('DELETE', id === undefined ? linksOf(user) : `${linksOf(user)}/${encodeURIComponent(id)}`)
    links.reload()
  }
  return (
    <section aria-label="Linked accounts">
      <h2>Linked accounts</h2>
      <p class="quiet">Whose subjects are this user when an application uses linked accounts.</p>
      <ErrorNotice error={links.error ?? issuers.error} />
      {links.data !== undefined && <Links links={links.data} unlink={unlink} />}
      {issuers.data !== undefined && issuers.data.length > 0 && (
        <Form submit="Link" onSubmit={link}>
          <Group title="Link another">
            <div class="grid-2">
              <Choice label="Trusted token issuer" name="idp" value={chosen} onInput={setIdp} options={issuers.data.map(({ name }) => ({ value: name, label: name }))} />
              <Text label="Subject" name="federatedUserId" value={subject} onInput={setSubject} hint="The sub of its tokens." />
            </div>
          </Group>
        </Form>
      )}
    </section>
  )
}
